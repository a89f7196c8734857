using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.Onnx;

/// <summary>
/// A convolution as <c>Conv</c>, after <c>Pad</c> where its border is not 0, and before <c>Add</c> where every unit has a bias. A
/// map that reads some of its input's maps has kernels of 0 for the others.
/// </summary>
/// <remarks>
/// The standard lets a reader take the kernel's size from the weights. OpenCV up to 4.12, ncnn and onnx2tf are among those that do
/// not: a node says all it can.
/// </remarks>
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
        bool isPadded = options.Padding > 0 && options.PaddingValue != 0;
        string padded = !isPadded ? input : graph.Node(
            "Pad", $"{prefix}_padded",
            [
                input,
                graph.Whole($"{prefix}_pads", 0, 0, options.Padding, options.Padding, 0, 0, options.Padding, options.Padding),
                graph.Constant($"{prefix}_border", options.PaddingValue),
            ],
            OnnxGraph.Attribute("mode", "constant"));
        int kernel = options.Kernel;
        string kernels = graph.Tensor(
            weights.Name, [layer.Output[0], layer.Input[0], kernel, kernel], Connected(layer, graph.ValuesOf(weights), kernel * kernel));
        Protobuf.ProtobufMessage[] window = Window(kernel, options.Stride, isPadded ? 0 : options.Padding);
        if (!options.HasUnitBiases)
        {
            return graph.Node("Conv", output, [padded, kernels, graph.Tensor(biases)], window);
        }

        string sums = graph.Node("Conv", $"{prefix}_conv", [padded, kernels], window);
        return graph.Node("Add", output, [sums, graph.TensorForAll(biases)]);
    }

    /// <summary>The attributes of a <c>Conv</c> whose kernel is square and whose maps are one group.</summary>
    /// <param name="kernel">The kernel's side.</param>
    /// <param name="stride">From one window to the next.</param>
    /// <param name="padding">The width of a border of 0.</param>
    public static Protobuf.ProtobufMessage[] Window(int kernel, int stride, int padding) =>
    [
        OnnxGraph.Attribute("kernel_shape", [kernel, kernel]),
        OnnxGraph.Attribute("strides", [stride, stride]),
        OnnxGraph.Attribute("pads", [padding, padding, padding, padding]),
        OnnxGraph.Attribute("dilations", [1, 1]),
        OnnxGraph.Attribute("group", 1),
    ];

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
