using GpuConvnet.Model.Activations;

namespace GpuConvnet.Formats.Onnx;

/// <summary>Writes a layer's activation as nodes of an ONNX graph; a value is a node's or a tensor's name.</summary>
/// <param name="graph">The graph.</param>
/// <param name="prefix">What the names within the formula begin with.</param>
/// <param name="result">The name of the formula's result.</param>
internal sealed class OnnxFormula(OnnxGraph graph, string prefix, string result) : IFormulaWriter
{
    /// <inheritdoc/>
    public string Constant(string name, double value)
    {
        return graph.Constant($"{prefix}_{name}", (float)value);
    }

    /// <inheritdoc/>
    public string Add(string name, string left, string right) => Node("Add", name, left, right);

    /// <inheritdoc/>
    public string Multiply(string name, string left, string right) => Node("Mul", name, left, right);

    /// <inheritdoc/>
    public string Tanh(string name, string value) => Node("Tanh", name, value);

    /// <inheritdoc/>
    public string Relu(string name, string value) => Node("Relu", name, value);

    private string Node(string type, string name, params string[] inputs)
    {
        return graph.Node(type, name.Length == 0 ? result : $"{prefix}_{name}", inputs);
    }
}
