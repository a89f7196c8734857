using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.Onnx;

/// <summary>Multi-head self-attention as products of matrices; queries, keys and values have a tensor of weights each.</summary>
internal static class OnnxSelfAttention
{
    /// <summary>Writes the layer.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="prefix">What the names of values between begin with.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxGraph graph, SelfAttention layer, string input, string prefix, string output)
    {
        int tokens = layer.Input[0];
        int features = layer.Input[1];
        int width = features / layer.Heads;
        string heads = graph.Whole($"{prefix}_heads", 0, tokens, layer.Heads, width);

        // A third of the projections, (batch, tokens, features), with an axis of heads.
        string Projected(string name, int third, params int[] order)
        {
            string weights = OnnxDense.Transposed(
                graph, $"{layer.Parts[0].Name}.{name}",
                graph.ValuesOf(layer.Parts[0]).Slice(third * features * features, features * features), features, features);
            string biases = graph.Tensor(
                $"{layer.Parts[1].Name}.{name}", [features], graph.ValuesOf(layer.Parts[1]).Slice(third * features, features));
            string product = graph.Node("MatMul", $"{prefix}_{name}_product", [input, weights]);
            string sums = graph.Node("Add", $"{prefix}_{name}_sums", [product, biases]);
            string split = graph.Node("Reshape", $"{prefix}_{name}_heads", [sums, heads]);
            return graph.Node("Transpose", $"{prefix}_{name}", [split], OnnxGraph.Attribute("perm", order));
        }

        string queries = Projected("queries", 0, 0, 2, 1, 3);
        string keys = Projected("keys", 1, 0, 2, 3, 1);
        string values = Projected("values", 2, 0, 2, 1, 3);
        string products = graph.Node("MatMul", $"{prefix}_products", [queries, keys]);
        string scores = graph.Node(
            "Mul", $"{prefix}_scores", [products, graph.Constant($"{prefix}_scale", 1 / MathF.Sqrt(width))]);
        string shares = graph.Node("Softmax", $"{prefix}_shares", [scores], OnnxGraph.Attribute("axis", -1));
        string mixed = graph.Node("MatMul", $"{prefix}_mixed", [shares, values]);
        string ordered = graph.Node(
            "Transpose", $"{prefix}_ordered", [mixed], OnnxGraph.Attribute("perm", [0, 2, 1, 3]));
        string joined = graph.Node(
            "Reshape", $"{prefix}_joined", [ordered, graph.Whole($"{prefix}_shape", 0, tokens, features)]);
        ParameterPart last = layer.Parts[2];
        string result = graph.Node(
            "MatMul", $"{prefix}_result",
            [joined, OnnxDense.Transposed(graph, last.Name, graph.ValuesOf(last), features, features)]);
        return graph.Node("Add", output, [result, graph.Tensor(layer.Parts[3])]);
    }
}
