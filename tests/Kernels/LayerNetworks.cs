using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Small networks whose sizes are no multiples of a tile's, each with what another has not.</summary>
internal static class LayerNetworks
{
    private static readonly NetworkOptions s_crossEntropy =
        new(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 };

    public static IReadOnlyDictionary<string, Func<LayerNetwork>> All { get; } = new Dictionary<string, Func<LayerNetwork>>
    {
        ["1989"] = () => Zip1989.Create(NetworkOptions.Base1989),
        ["1989, cross entropy, dropout"] = () => Zip1989.Create(s_crossEntropy, dropout: 0.25),
        ["dense"] = () => Of(layers =>
        {
            layers.Add(new Dense(layers.Parts, "aw", "ab", layers.Output, 3));
            layers.AddActivation(Activation.Of<Tanh>());
            layers.Add(new Dense(layers.Parts, "bw", "bb", layers.Output, 21));
            layers.AddActivation(Activation.Of<Gelu>());
            layers.AddDropout(0.3);
        }),
        ["convolutions"] = () => Of(layers =>
        {
            // Five maps, whose tiles overlap; a row of the kernel in two tiles; columns of no multiple of four.
            layers.Add(new Convolution(layers.Parts, "aw", "ab", layers.Output, 5, new ConvolutionOptions
            {
                Kernel = 7,
                Stride = 3,
                Padding = 4,
                PaddingValue = 0.5f,
                HasUnitBiases = false,
            }));
            layers.AddActivation(Activation.Of<Gelu>());
            layers.AddDropout(0.2);

            // Maps that do not read the same.
            layers.Add(new Convolution(layers.Parts, "bw", "bb", layers.Output, 3, new ConvolutionOptions
            {
                Kernel = 3,
                Stride = 1,
                Padding = 1,
                PaddingValue = -1f,
                Connections = [[0, 1], [3, 1], [4, 0]],
            }));
            layers.AddActivation(Activation.Of<Tanh>());
            layers.Add(new Convolution(layers.Parts, "cw", "cb", layers.Output, 9, new ConvolutionOptions
            {
                Kernel = 2,
                Stride = 2,
                Padding = 0,
                HasUnitBiases = false,
            }));
        }),
        ["one place"] = () => Of(layers =>
        {
            layers.Add(new Convolution(layers.Parts, "aw", "ab", layers.Output, 2, new ConvolutionOptions
            {
                Kernel = 16,
                Stride = 1,
                Padding = 0,
            }));
            layers.AddActivation(Activation.Of<Tanh>());
            layers.Add(new Convolution(layers.Parts, "bw", "bb", layers.Output, 6, new ConvolutionOptions
            {
                Kernel = 1,
                Stride = 1,
                Padding = 0,
                HasUnitBiases = false,
            }));
            layers.AddActivation(Activation.Of<ScaledTanh>());
        }),
        ["gaps"] = () => Of(layers =>
        {
            // Six maps: four, and two that are left over.
            layers.Add(new Convolution(layers.Parts, "aw", "ab", layers.Output, 6, new ConvolutionOptions { HasUnitBiases = false }));
            layers.AddActivation(Activation.Of<Tanh>());

            // Places between the windows that nobody reads, a map that nobody reads, and units that see nothing but the border.
            layers.Add(new Convolution(layers.Parts, "bw", "bb", layers.Output, 4, new ConvolutionOptions
            {
                Kernel = 2,
                Stride = 3,
                Padding = 2,
                PaddingValue = 0.25f,
                Connections = [[0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]],
            }));
            layers.AddActivation(Activation.Of<Gelu>());
        }),
        ["tokens"] = () => VisionTransformer.Create(
            new VisionTransformerSizes { Patch = 4, Features = 10, Heads = 2, Depth = 2, Hidden = 13 }, s_crossEntropy, dropout: 0.2),
        ["residual convolution"] = () => Of(layers =>
        {
            layers.Add(new Convolution(layers.Parts, "aw", "ab", layers.Output, 4, new ConvolutionOptions { HasUnitBiases = false }));
            layers.AddActivation(Activation.Of<Tanh>());
            LayerList inner = layers.Inner();
            inner.Add(new Convolution(layers.Parts, "bw", "bb", inner.Output, 4, new ConvolutionOptions { Kernel = 3, Stride = 1, Padding = 1 }));
            inner.AddActivation(Activation.Of<Tanh>());
            layers.Add(new Residual(new LayerChain(inner.Layers)));
        }),
    };

    /// <summary>1989, twice as wide: each map of H2 reads two thirds of H1's, a group of eight the same.</summary>
    public static LayerNetwork OfWidthTwo()
    {
        LayerList layers = new();
        layers.Add(new Convolution(layers.Parts, "H1w", "H1b", layers.Output, 24, new ConvolutionOptions()));
        layers.AddActivation(Activation.Of<Tanh>());
        int[][] groups = [[.. Enumerable.Range(0, 16)], [.. Enumerable.Range(8, 16)], [.. Enumerable.Range(0, 8), .. Enumerable.Range(16, 8)]];
        layers.Add(new Convolution(layers.Parts, "H2w", "H2b", layers.Output, 24, new ConvolutionOptions
        {
            Connections = [.. Enumerable.Range(0, 24).Select(map => groups[map / 8])],
        }));
        layers.AddActivation(Activation.Of<Tanh>());
        layers.Add(new Dense(layers.Parts, "H3w", "H3b", layers.Output, 60, inputsFirst: true));
        layers.AddActivation(Activation.Of<Tanh>());
        layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, Shape1989.Outputs, inputsFirst: true));
        return layers.ToNetwork(s_crossEntropy);
    }

    /// <summary>Parameters as large as makes units neither idle nor saturated.</summary>
    public static float[] Parameters(LayerNetwork network, int seed)
    {
        Random random = new(seed);
        float[] values = new float[network.ParameterCount];
        foreach (ParameterPart part in network.Parts)
        {
            double scale = 1.5 / Math.Sqrt(part.FanIn == 0 ? 25 : part.FanIn);
            foreach (ref float value in part.Of((Span<float>)values))
            {
                value = (float)(scale * (2 * random.NextDouble() - 1));
            }
        }

        return values;
    }

    private static LayerNetwork Of(Action<LayerList> add)
    {
        LayerList layers = new();
        add(layers);
        layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, Shape1989.Outputs));
        return layers.ToNetwork(s_crossEntropy);
    }
}
