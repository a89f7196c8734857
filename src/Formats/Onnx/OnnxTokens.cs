using GpuConvnet.Model.Layers;

namespace GpuConvnet.Formats.Onnx;

/// <summary>What makes tokens, moves them and takes their mean: patches, positions, the mean.</summary>
internal static class OnnxTokens
{
    /// <summary>Patches as <c>Conv</c> with a stride of its kernel's side, whose positions become tokens.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="prefix">What the names of values between begin with.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxGraph graph, PatchEmbedding layer, string input, string prefix, string output)
    {
        string maps = graph.Node(
            "Conv",
            $"{prefix}_maps",
            [input, graph.Tensor(layer.Parts[0]), graph.Tensor(layer.Parts[1])],
            OnnxConvolution.Window(layer.Patch, layer.Patch, padding: 0));
        string flat = graph.Node(
            "Reshape", $"{prefix}_flat", [maps, graph.Whole($"{prefix}_shape", 0, layer.Output[1], layer.Output[0])]);
        return graph.Node("Transpose", output, [flat], OnnxGraph.Attribute("perm", [0, 2, 1]));
    }

    /// <summary>Positions as <c>Add</c>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxGraph graph, PositionEmbedding layer, string input, string output) =>
        graph.Node("Add", output, [input, graph.TensorForAll(layer.Parts[0])]);

    /// <summary>The mean over tokens as <c>ReduceMean</c>.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string WriteMean(OnnxGraph graph, string input, string output) => graph.Node(
        "ReduceMean", output, [input], OnnxGraph.Attribute("axes", [1]), OnnxGraph.Attribute("keepdims", 0));
}
