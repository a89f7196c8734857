using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Layers;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The way from plain layers to kernels that are compiled for their sizes.</summary>
internal static class DeviceLayers
{
    /// <summary>
    /// Compiles a layer's kernels. Those of convolutions and dense layers include the activation before and behind them, where
    /// an activation's output may overwrite its input.
    /// </summary>
    /// <param name="loader">The device's.</param>
    /// <param name="layers">A chain's layers.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <exception cref="InvalidOperationException">There are no kernels of such a layer.</exception>
    public static DeviceLayer Create(KernelLoader loader, IReadOnlyList<Layer> layers, int index, int lanes)
    {
        int inputBorder = BorderBefore(layers, index).Width;
        int outputBorder = BorderBefore(layers, index + 1).Width;
        Layer layer = layers[index];
        Type unitSizes = Units(layer.Output, lanes, outputBorder);
        switch (layer)
        {
            case Convolution convolution:
                ConvolutionTiles tiles = ConvolutionTiles.OfOutput(convolution);
                ConvolutionTiles inputTiles = ConvolutionTiles.OfInput(convolution);
                return SizeTypes.Create<DeviceLayer>(
                    typeof(ConvolutionLauncher<,,,>),
                    [.. Sizes(convolution, tiles, inputTiles, lanes, inputBorder, outputBorder), .. Activations(layers, index)],
                    loader, convolution, tiles, inputTiles);
            case Dense dense:
                return SizeTypes.Create<DeviceLayer>(
                    typeof(DenseLauncher<,,,>), [.. Sizes(dense, lanes), .. Activations(layers, index)], loader, dense);
            case ActivationLayer activation:
                return SizeTypes.Create<DeviceLayer>(
                    typeof(ActivationLauncher<>), [unitSizes], loader, activation.Function,
                    FusedActivation(layers, index, index - 1) is null, FusedActivation(layers, index, index + 1) is null);
            case Dropout dropout:
                return SizeTypes.Create<DeviceLayer>(typeof(DropoutLauncher<>), [unitSizes], loader, dropout);
            default:
                throw new InvalidOperationException($"There are no kernels of a layer '{layer.Description}'.");
        }
    }

    /// <summary>The border that a layer's input must lie in.</summary>
    /// <param name="layers">A chain's layers.</param>
    /// <param name="index">Which of them; beyond the last, what a chain gives has none.</param>
    public static (int Width, float Value) BorderBefore(IReadOnlyList<Layer> layers, int index)
    {
        for (; index < layers.Count; index++)
        {
            switch (layers[index])
            {
                case ActivationLayer or Dropout:
                    continue;
                case Convolution convolution:
                    return (convolution.Options.Padding, convolution.Options.PaddingValue);
                default:
                    return (0, 0f);
            }
        }

        return (0, 0f);
    }

    /// <summary>A block's places for what lies with a border.</summary>
    public static int Places(TensorShape shape, int border) => shape.IsMaps
        ? shape[0] * (shape[1] + 2 * border) * (shape[2] + 2 * border)
        : shape.Count;

    /// <summary>The type of the sizes of what works on each unit by itself.</summary>
    public static Type Units(TensorShape shape, int lanes, int border) => shape.IsMaps
        ? SizeTypes.Of(typeof(UnitSizes<,,,,>), lanes, shape.Count, shape[1], shape[2], border)
        : SizeTypes.Of(typeof(UnitSizes<,,,,>), lanes, shape.Count, 1, shape.Count, 0);

    /// <summary>The activations that a layer's kernels include: that of its input, and that of its output.</summary>
    private static Type[] Activations(IReadOnlyList<Layer> layers, int index) =>
    [
        ActivationType.Of(FusedActivation(layers, index - 1, index)),
        ActivationType.Of(FusedActivation(layers, index + 1, index)),
    ];

    /// <summary>The activation that another layer's kernels include; null if they do not.</summary>
    private static Activation? FusedActivation(IReadOnlyList<Layer> layers, int activation, int other) =>
        activation >= 0 && activation < layers.Count && other >= 0 && other < layers.Count
        && layers[activation] is ActivationLayer { IsInPlace: true } layer && layers[other] is Convolution or Dense
            ? layer.Function
            : null;

    private static Type[] Sizes(
        Convolution layer, ConvolutionTiles tiles, ConvolutionTiles inputTiles, int lanes, int inputBorder, int outputBorder)
    {
        int units = layer.Output[1] * layer.Output[2];
        bool hasUnitBiases = layer.Options.HasUnitBiases;
        return
        [
            SizeTypes.Of(
                typeof(ConvolutionSizes<,,,,,,,,,,,,,,,>),
                lanes, layer.Input[0], layer.Input[1], layer.Input[2], inputBorder,
                layer.Output[0], layer.Output[1], layer.Output[2], outputBorder,
                layer.SourcesOf(0).Length, layer.Options.Kernel, layer.Options.Stride, layer.Options.Padding,
                hasUnitBiases ? units : 1, tiles.Maps, inputTiles.Maps),
            hasUnitBiases
                ? SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, layer.Output.Count, 1, 1, 1)
                : SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, layer.Output[0], units, units, 1),
        ];
    }

    private static Type[] Sizes(Dense layer, int lanes)
    {
        int tokens = layer.Input.IsTokens ? layer.Input[0] : 1;
        int inputs = layer.Input.Count / tokens;
        int units = layer.Output.Count / tokens;
        return
        [
            SizeTypes.Of(
                typeof(DenseSizes<,,,,,>),
                lanes, tokens, inputs, units, layer.InputsFirst ? units : 1, layer.InputsFirst ? 1 : inputs),
            SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, units, tokens, 1, units),
        ];
    }
}
