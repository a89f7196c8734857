using GpuConvnet.Model.Activations;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>Writes a layer's activation as nodes of an ONNX graph; a value is a node's or a tensor's name.</summary>
/// <param name="prefix">What the names within the formula begin with.</param>
/// <param name="result">The name of the formula's result.</param>
/// <param name="node">Adds a node: its operator, its output and its inputs.</param>
/// <param name="constant">Adds a tensor of one number.</param>
internal sealed class OnnxFormula(
    string prefix, string result, Action<string, string, string[]> node, Action<string, float> constant) : IFormulaWriter
{
    /// <inheritdoc/>
    public string Constant(string name, double value)
    {
        constant($"{prefix}_{name}", (float)value);
        return $"{prefix}_{name}";
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
        string output = name.Length == 0 ? result : $"{prefix}_{name}";
        node(type, output, inputs);
        return output;
    }
}
