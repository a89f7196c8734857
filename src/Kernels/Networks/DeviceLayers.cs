using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The way from plain layers to kernels that are compiled for their sizes.</summary>
internal static class DeviceLayers
{
    private static readonly Type[] s_noActivations = [typeof(Linear), typeof(Linear)];

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
                int tokens = dense.Input.IsTokens ? dense.Input[0] : 1;
                return OfDense(
                    loader, lanes, tokens, dense.Input.Count / tokens, dense.Output.Count / tokens, dense.InputsFirst,
                    dense.Parts[0], dense.Parts[1], Activations(layers, index));
            case ActivationLayer activation:
                return SizeTypes.Create<DeviceLayer>(
                    typeof(ActivationLauncher<>), [unitSizes], loader, activation.Function,
                    FusedActivation(layers, index, index - 1) is null, FusedActivation(layers, index, index + 1) is null);
            case Dropout dropout:
                return SizeTypes.Create<DeviceLayer>(typeof(DropoutLauncher<>), [unitSizes], loader, dropout);
            case PatchEmbedding patches:
                return OfPatches(
                    loader, lanes, patches.Input, patches.Patch, patches.Output[1], patches.Parts[0], patches.Parts[1]);
            case PositionEmbedding positions:
                return OfPositions(loader, lanes, positions.Input, positions.Parts[0]);
            case LayerNormalization normalization:
                return OfNormalization(
                    loader, lanes, normalization.Input, normalization.Parts[0], normalization.Parts[1],
                    LayerNormalization.Epsilon);
            case SelfAttention attention:
                return OfAttention(
                    loader, lanes, attention.Input, attention.Heads, attention.Parts[0], attention.Parts[1],
                    attention.Parts[2], attention.Parts[3]);
            case TokenMean mean:
                return OfTokenMean(loader, lanes, mean.Input);
            case Residual residual:
                return OfResidual(loader, lanes, residual.Inner, outputBorder);
            case ILayerWithKernels own:
                return own.CreateKernels(loader.Accelerator, lanes, outputBorder);
            default:
                throw new InvalidOperationException($"There are no kernels of a layer '{layer.Description}': one of your own brings them as an {nameof(ILayerWithKernels)}.");
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
                case Residual residual:
                    return BorderBefore(residual.Inner.Layers, 0);
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

    /// <summary>A dense layer.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="tokens">Tokens, each of which is read by itself.</param>
    /// <param name="inputs">Inputs of a unit.</param>
    /// <param name="units">Units.</param>
    /// <param name="inputsFirst">Whether the weights are (inputs, units), not (units, inputs).</param>
    /// <param name="weights">The weights.</param>
    /// <param name="biases">The biases.</param>
    /// <param name="activations">That of its input and that of its output.</param>
    private static DeviceLayer OfDense(
        KernelLoader loader, int lanes, int tokens, int inputs, int units, bool inputsFirst, ParameterPart weights,
        ParameterPart biases, Type[] activations) => SizeTypes.Create<DeviceLayer>(
            typeof(DenseLauncher<,,,>),
            [
                SizeTypes.Of(
                    typeof(DenseSizes<,,,,,>), lanes, tokens, inputs, units, inputsFirst ? units : 1, inputsFirst ? 1 : inputs),
                SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, units, tokens, 1, units),
                .. activations,
            ],
            loader, weights, biases);

    /// <summary>Patches as tokens, and what a dense layer makes of each.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="input">(maps, rows, columns).</param>
    /// <param name="patch">The side of a patch, of which rows and columns are multiples.</param>
    /// <param name="features">Features of a token.</param>
    /// <param name="weights">(features, maps, patch, patch).</param>
    /// <param name="biases">(features).</param>
    internal static DeviceLayer OfPatches(
        KernelLoader loader, int lanes, TensorShape input, int patch, int features, ParameterPart weights, ParameterPart biases)
    {
        int values = input[0] * patch * patch;
        DeviceLayer dense = OfDense(
            loader, lanes, input.Count / values, values, features, inputsFirst: false, weights, biases, s_noActivations);
        return SizeTypes.Create<DeviceLayer>(
            typeof(PatchEmbeddingLauncher<>),
            [SizeTypes.Of(typeof(PatchSizes<,,,,>), lanes, input[0], input[1], input[2], patch)], loader, dense);
    }

    /// <summary>A parameter added to every unit.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="shape">(tokens, features).</param>
    /// <param name="added">(tokens, features).</param>
    internal static DeviceLayer OfPositions(KernelLoader loader, int lanes, TensorShape shape, ParameterPart added) =>
        SizeTypes.Create<DeviceLayer>(
            typeof(PositionEmbeddingLauncher<,>),
            [Units(shape, lanes, border: 0), SizeTypes.Of(typeof(BiasSizes<,,,,>), lanes, shape.Count, 1, 1, 1)], loader, added);

    /// <summary>Layer normalization.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="shape">(tokens, features).</param>
    /// <param name="weights">(features).</param>
    /// <param name="biases">(features).</param>
    /// <param name="epsilon">What is added to the variance.</param>
    internal static DeviceLayer OfNormalization(
        KernelLoader loader, int lanes, TensorShape shape, ParameterPart weights, ParameterPart biases, float epsilon) =>
        SizeTypes.Create<DeviceLayer>(
            typeof(LayerNormalizationLauncher<>), [Tokens(shape, lanes)], loader, weights, biases, epsilon);

    /// <summary>Self-attention.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="shape">(tokens, features).</param>
    /// <param name="heads">Heads, of which the features are a multiple.</param>
    /// <param name="weights">(3 * features, features): to queries, keys and values.</param>
    /// <param name="biases">(3 * features).</param>
    /// <param name="outputWeights">(features, features).</param>
    /// <param name="outputBiases">(features).</param>
    internal static DeviceLayer OfAttention(
        KernelLoader loader, int lanes, TensorShape shape, int heads, ParameterPart weights, ParameterPart biases,
        ParameterPart outputWeights, ParameterPart outputBiases)
    {
        (int tokens, int features) = (shape[0], shape[1]);
        DeviceLayer projection = OfDense(
            loader, lanes, tokens, features, 3 * features, inputsFirst: false, weights, biases, s_noActivations);
        DeviceLayer mixing = OfDense(
            loader, lanes, tokens, features, features, inputsFirst: false, outputWeights, outputBiases, s_noActivations);
        return SizeTypes.Create<DeviceLayer>(
            typeof(SelfAttentionLauncher<>), [Tokens(shape, lanes)], loader, projection, mixing, features, heads);
    }

    /// <summary>The mean over tokens.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="input">(tokens, features).</param>
    internal static DeviceLayer OfTokenMean(KernelLoader loader, int lanes, TensorShape input) =>
        SizeTypes.Create<DeviceLayer>(typeof(TokenMeanLauncher<>), [Tokens(input, lanes)], loader);

    /// <summary>Layers past which their input goes too.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="lanes">Examples of a block.</param>
    /// <param name="inner">The layers.</param>
    /// <param name="outputBorder">The width of the border that the output lies in.</param>
    internal static DeviceLayer OfResidual(KernelLoader loader, int lanes, LayerChain inner, int outputBorder) =>
        SizeTypes.Create<DeviceLayer>(
            typeof(ResidualLauncher<,>),
            [
                Units(inner.Input, lanes, BorderBefore(inner.Layers, 0).Width), Units(inner.Output, lanes, outputBorder),
            ],
            loader, new DeviceChain(loader, inner, lanes));

    private static Type Tokens(TensorShape shape, int lanes) =>
        SizeTypes.Of(typeof(TokenSizes<,,>), lanes, shape[0], shape[1]);
}
