using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.Onnx;

/// <summary>
/// A dense layer as <c>Gemm</c> on a row per example, weights as they are; on tokens as <c>MatMul</c> and <c>Add</c>, which take
/// the weights (inputs, units).
/// </summary>
internal static class OnnxDense
{
    /// <summary>Writes the layer.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it takes.</param>
    /// <param name="prefix">What the names of values between begin with.</param>
    /// <param name="output">What the result is called.</param>
    /// <returns>The name of the result.</returns>
    public static string Write(OnnxGraph graph, Dense layer, string input, string prefix, string output)
    {
        ParameterPart weights = layer.Parts[0];
        string bias = graph.Tensor(layer.Parts[1]);
        if (layer.Input.IsTokens)
        {
            string turned = layer.InputsFirst
                ? graph.Tensor(weights)
                : InputsFirst(graph, weights.Name, graph.ValuesOf(weights), layer.Output[1], layer.Input[1]);
            string product = graph.Node("MatMul", $"{prefix}_product", [input, turned]);
            return graph.Node("Add", output, [product, bias]);
        }

        string row = layer.Input.Rank == 1 ? input : graph.Node("Flatten", $"{prefix}_row", [input]);
        return graph.Node(
            "Gemm", output, [row, graph.Tensor(weights), bias], OnnxGraph.Attribute("transB", layer.InputsFirst ? 0 : 1));
    }

    /// <summary>Adds weights (inputs, units), which are (units, inputs).</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Whose they are.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="units">How many units.</param>
    /// <param name="inputs">How many inputs of each.</param>
    /// <returns>The tensor's name.</returns>
    public static string InputsFirst(OnnxGraph graph, string name, ReadOnlySpan<float> weights, int units, int inputs)
    {
        float[] turned = new float[weights.Length];
        for (int unit = 0; unit < units; unit++)
        {
            for (int i = 0; i < inputs; i++)
            {
                turned[i * units + unit] = weights[unit * inputs + i];
            }
        }

        return graph.Tensor($"{name}.transposed", [inputs, units], turned);
    }
}
