using System.Globalization;
using GpuConvnet.Model.Activations;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>Writes activations as functions of the page's script; a value is an expression.</summary>
internal sealed class ScriptFormula : IFormulaWriter
{
    private ScriptFormula()
    {
    }

    /// <summary>Every activation under its name: <c>const activations = {...};</c></summary>
    public static string Activations
    {
        get
        {
            ScriptFormula script = new();
            return "const activations = {\n"
                + string.Concat(Activation.All.Select(each => $"  {each.Name}: (sum) => {each.Write(script, "sum")},\n"))
                + "};\n";
        }
    }

    /// <inheritdoc/>
    public string Constant(string name, double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public string Add(string name, string left, string right) => $"({left} + {right})";

    /// <inheritdoc/>
    public string Multiply(string name, string left, string right) => $"({left} * {right})";

    /// <inheritdoc/>
    public string Tanh(string name, string value) => $"Math.tanh({value})";

    /// <inheritdoc/>
    public string Relu(string name, string value) => $"Math.max(0, {value})";
}
