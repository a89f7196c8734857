using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.Onnx;

/// <summary>
/// A convolution as <c>Pad</c>, <c>Conv</c> and, of biases per unit, <c>Add</c>. A map that reads some of its input's maps has
/// kernels of 0 for the others.
/// </summary>
internal static class OnnxConvolution
{
    /// <summary>Writes the layer.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="prefix">What the names of values between begin with.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxGraph graph, Convolution layer, string input, string prefix, string output)
    {
        ParameterPart weights = layer.Parts[0];
        ParameterPart biases = layer.Parts[1];
        ConvolutionOptions options = layer.Options;
        string padded = input;
        if (options.Padding > 0)
        {
            long side = options.Padding;
            padded = graph.Node("Pad", $"{prefix}_padded",
            [
                input,
                graph.Whole($"{prefix}_pads", 0, 0, side, side, 0, 0, side, side),
                graph.Constant($"{prefix}_border", options.PaddingValue),
            ]);
        }

        int kernel = options.Kernel;
        string kernels = graph.Tensor(
            weights.Name, [layer.Output[0], layer.Input[0], kernel, kernel], Connected(layer, graph.ValuesOf(weights), kernel * kernel));
        string bias = graph.Tensor(biases);
        if (!options.HasUnitBiases)
        {
            return graph.Node("Conv", output, [padded, kernels, bias], Strides(options.Stride));
        }

        string sums = graph.Node("Conv", $"{prefix}_conv", [padded, kernels], Strides(options.Stride));
        return graph.Node("Add", output, [sums, bias]);
    }

    private static Protobuf.ProtobufMessage Strides(int stride) => OnnxGraph.Attribute("strides", [stride, stride]);

    private static float[] Connected(Convolution layer, ReadOnlySpan<float> weights, int taps)
    {
        float[] kernels = new float[layer.Output[0] * layer.Input[0] * taps];
        for (int map = 0; map < layer.Output[0]; map++)
        {
            ReadOnlySpan<int> sources = layer.SourcesOf(map);
            for (int source = 0; source < sources.Length; source++)
            {
                weights.Slice((map * sources.Length + source) * taps, taps)
                    .CopyTo(kernels.AsSpan((map * layer.Input[0] + sources[source]) * taps));
            }
        }

        return kernels;
    }
}
