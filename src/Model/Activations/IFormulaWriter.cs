namespace GpuConvnet.Model.Activations;

/// <summary>
/// Writes an activation's formula in another language, an operation at a time: the nodes of a graph, or a script's expression.
/// What it is given and gives back stands for a value: a node's name, or an expression.
/// </summary>
internal interface IFormulaWriter
{
    /// <summary>A number.</summary>
    /// <param name="name">What a graph calls it, one of its kind in the formula.</param>
    /// <param name="value">The number.</param>
    string Constant(string name, double value);

    /// <summary>A sum.</summary>
    /// <param name="name">What a graph calls it; empty for the formula's result.</param>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    string Add(string name, string left, string right);

    /// <summary>A product.</summary>
    /// <param name="name">What a graph calls it; empty for the formula's result.</param>
    /// <param name="left">One value.</param>
    /// <param name="right">The other.</param>
    string Multiply(string name, string left, string right);

    /// <summary>The hyperbolic tangent.</summary>
    /// <param name="name">What a graph calls it; empty for the formula's result.</param>
    /// <param name="value">Of what.</param>
    string Tanh(string name, string value);

    /// <summary>The value where it is positive, 0 elsewhere.</summary>
    /// <param name="name">What a graph calls it; empty for the formula's result.</param>
    /// <param name="value">Which value.</param>
    string Relu(string name, string value);
}
