using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Layers;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The way from plain layers to kernels that are compiled for their sizes.</summary>
internal static class DeviceLayers
{
    /// <summary>Compiles a layer's kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="inputBorder">The width of the border that its input lies in.</param>
    /// <param name="outputBorder">The width of the border that its output lies in.</param>
    /// <exception cref="InvalidOperationException">There are no kernels of such a layer.</exception>
    public static DeviceLayer Create(KernelLoader loader, Layer layer, int lanes, int inputBorder, int outputBorder) =>
        layer switch
        {
            Convolution convolution => OfConvolution(loader, convolution, lanes, inputBorder, outputBorder),
            Dense dense => OfDense(loader, dense, lanes),
            ActivationLayer activation => SizeTypes.Create<DeviceLayer>(
                typeof(ActivationLauncher<>), [Units(layer.Output, lanes, outputBorder)], loader, activation.Function),
            Dropout dropout => SizeTypes.Create<DeviceLayer>(
                typeof(DropoutLauncher<>), [Units(layer.Output, lanes, outputBorder)], loader, dropout),
            _ => throw new InvalidOperationException($"There are no kernels of a layer '{layer.Description}'."),
        };

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

    private static DeviceLayer OfConvolution(
        KernelLoader loader, Convolution layer, int lanes, int inputBorder, int outputBorder)
    {
        ConvolutionTiles tiles = ConvolutionTiles.OfOutput(layer);
        ConvolutionTiles inputTiles = ConvolutionTiles.OfInput(layer);
        int units = layer.Output[1] * layer.Output[2];
        bool hasUnitBiases = layer.Options.HasUnitBiases;
        Type sizes = SizeTypes.Of(
            typeof(ConvolutionSizes<,,,,,,,,,,,,,,,>),
            lanes, layer.Input[0], layer.Input[1], layer.Input[2], inputBorder,
            layer.Output[0], layer.Output[1], layer.Output[2], outputBorder,
            layer.SourcesOf(0).Length, layer.Options.Kernel, layer.Options.Stride, layer.Options.Padding,
            hasUnitBiases ? units : 1, tiles.Maps, inputTiles.Maps);
        Type biases = hasUnitBiases
            ? SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, layer.Output.Count, 1, 1, 1)
            : SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, layer.Output[0], units, units, 1);
        return SizeTypes.Create<DeviceLayer>(
            typeof(ConvolutionLauncher<,>), [sizes, biases], loader, layer, tiles, inputTiles);
    }

    private static DeviceLayer OfDense(KernelLoader loader, Dense layer, int lanes)
    {
        int tokens = layer.Input.IsTokens ? layer.Input[0] : 1;
        int inputs = layer.Input.Count / tokens;
        int units = layer.Output.Count / tokens;
        Type sizes = SizeTypes.Of(
            typeof(DenseSizes<,,,,,>),
            lanes, tokens, inputs, units, layer.InputsFirst ? units : 1, layer.InputsFirst ? 1 : inputs);
        Type biases = SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, units, tokens, 1, units);
        return SizeTypes.Create<DeviceLayer>(typeof(DenseLauncher<,>), [sizes, biases], loader, layer);
    }
}
