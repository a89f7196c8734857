using GpuConvnet.Model.Layers;

namespace GpuConvnet.Formats.Onnx;

/// <summary>Layer normalization operation by operation: the operator set that the model asks for has no operator of its own.</summary>
internal static class OnnxLayerNormalization
{
    /// <summary>Writes the layer.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="prefix">What the names of values between begin with.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxGraph graph, LayerNormalization layer, string input, string prefix, string output)
    {
        string Mean(string name, string of) =>
            graph.Node("ReduceMean", $"{prefix}_{name}", [of], OnnxGraph.Attribute("axes", [-1]));

        string distance = graph.Node("Sub", $"{prefix}_distance", [input, Mean("mean", input)]);
        string variance = Mean("variance", graph.Node("Mul", $"{prefix}_squares", [distance, distance]));
        string more = graph.Node(
            "Add", $"{prefix}_more", [variance, graph.Constant($"{prefix}_epsilon", LayerNormalization.Epsilon)]);
        string normal = graph.Node("Div", $"{prefix}_normal", [distance, graph.Node("Sqrt", $"{prefix}_deviation", [more])]);
        string scaled = graph.Node("Mul", $"{prefix}_scaled", [normal, graph.Tensor(layer.Parts[0])]);
        return graph.Node("Add", output, [scaled, graph.Tensor(layer.Parts[1])]);
    }
}
