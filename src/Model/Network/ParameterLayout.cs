using System.Collections.ObjectModel;

namespace GpuConvnet.Model.Network;

/// <summary>
/// The order of a network's parameters: one vector in eight named parts. Gradients and optimizer state use the same layout.
/// Names, order and shapes are those of the article's PyTorch code.
/// </summary>
internal sealed class ParameterLayout
{
    /// <summary>Lays the parameters of a shape out.</summary>
    /// <param name="shape">The network's sizes.</param>
    public ParameterLayout(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        int kernel = shape.KernelSize;
        H1w = new ParameterPart("H1w", 0, shape.KernelTaps, shape.H1Maps, 1, kernel, kernel);
        H1b = Biases(H1w, "H1b", shape.H1Maps, shape.H1Size, shape.H1Size);
        H2w = After(H1b, "H2w", shape.H2Sources * shape.KernelTaps, shape.H2Maps, shape.H2Sources, kernel, kernel);
        H2b = Biases(H2w, "H2b", shape.H2Maps, shape.H2Size, shape.H2Size);
        H3w = After(H2b, "H3w", shape.H2Units, shape.H2Units, shape.H3Units);
        H3b = Biases(H3w, "H3b", shape.H3Units);
        Outw = After(H3b, "outw", shape.H3Units, shape.H3Units, shape.Outputs);
        Outb = Biases(Outw, "outb", shape.Outputs);
        Parts = Array.AsReadOnly([H1w, H1b, H2w, H2b, H3w, H3b, Outw, Outb]);
    }

    /// <summary>(H1's maps, 1, kernel, kernel): a kernel per map of H1.</summary>
    public ParameterPart H1w { get; }

    /// <summary>(H1's maps, H1's side, H1's side): a bias per unit of H1.</summary>
    public ParameterPart H1b { get; }

    /// <summary>
    /// (H2's maps, sources, kernel, kernel): a kernel per map of H2 and source; see <see cref="H2Connections"/>.
    /// </summary>
    public ParameterPart H2w { get; }

    /// <summary>(H2's maps, H2's side, H2's side): a bias per unit of H2.</summary>
    public ParameterPart H2b { get; }

    /// <summary>(H2's units, H3's units).</summary>
    public ParameterPart H3w { get; }

    /// <summary>(H3's units).</summary>
    public ParameterPart H3b { get; }

    /// <summary>(H3's units, outputs).</summary>
    public ParameterPart Outw { get; }

    /// <summary>(outputs).</summary>
    public ParameterPart Outb { get; }

    /// <summary>The eight parts in their order.</summary>
    public ReadOnlyCollection<ParameterPart> Parts { get; }

    /// <summary>How many parameters there are.</summary>
    public int Count => Outb.Offset + Outb.Count;

    private static ParameterPart Biases(ParameterPart weights, string name, params int[] shape) =>
        new(name, weights.Offset + weights.Count, PartRule.Biases, weights.Inputs, shape);

    private static ParameterPart After(ParameterPart previous, string name, int fanIn, params int[] shape) =>
        new(name, previous.Offset + previous.Count, fanIn, shape);
}
