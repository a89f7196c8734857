using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.Onnx;

/// <summary>
/// A dense layer as <c>Gemm</c> on a row per example, weights (units, inputs); on tokens as <c>MatMul</c> and <c>Add</c>, which take
/// the weights (inputs, units).
/// </summary>
/// <remarks>
/// <c>Gemm</c> may take weights either way, and its readers know the way that PyTorch writes: OpenCV 4.6 refuses the other one.
/// </remarks>
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
        if (layer.Input.IsTokens)
        {
            (int inputs, int units) = (layer.Input[1], layer.Output[1]);
            string inputsFirst = layer.InputsFirst
                ? graph.Tensor(weights)
                : Transposed(graph, weights.Name, graph.ValuesOf(weights), units, inputs);
            string product = graph.Node("MatMul", $"{prefix}_product", [input, inputsFirst]);
            return graph.Node("Add", output, [product, graph.Tensor(layer.Parts[1])]);
        }

        string unitsFirst = layer.InputsFirst
            ? Transposed(graph, weights.Name, graph.ValuesOf(weights), layer.Input.Count, layer.Output.Count)
            : graph.Tensor(weights);
        string row = layer.Input.Rank == 1
            ? input
            : graph.Node("Flatten", $"{prefix}_row", [input], OnnxGraph.Attribute("axis", 1));
        return graph.Node("Gemm", output, [row, unitsFirst, graph.Tensor(layer.Parts[1])], OnnxGraph.Attribute("transB", 1));
    }

    /// <summary>Adds a matrix with its rows and columns exchanged.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">Whose weights they are.</param>
    /// <param name="weights">The matrix, row by row.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="columns">Its columns.</param>
    /// <returns>The tensor's name.</returns>
    public static string Transposed(OnnxGraph graph, string name, ReadOnlySpan<float> weights, int rows, int columns)
    {
        float[] turned = new float[weights.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                turned[column * rows + row] = weights[row * columns + column];
            }
        }

        return graph.Tensor($"{name}.transposed", [columns, rows], turned);
    }
}
