using System.Collections.ObjectModel;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Network;

/// <summary>
/// The layout of the network's parameters: one float32 vector of 9,760, in eight named parts. Gradients and optimizer
/// state use the same layout. Names, order and shapes are those of the article's PyTorch code.
/// </summary>
public static class Parameters
{
    /// <summary>(12, 1, 5, 5): a kernel a map of H1.</summary>
    public static ParameterPart H1w { get; } = new("H1w", 0, KernelTaps, H1Maps, 1, KernelSize, KernelSize);

    /// <summary>(12, 8, 8): a bias a unit of H1.</summary>
    public static ParameterPart H1b { get; } = After(H1w, "H1b", 0, H1Maps, H1Size, H1Size);

    /// <summary>(12, 8, 5, 5): a kernel a map of H2 and source; see <see cref="H2Connections"/>.</summary>
    public static ParameterPart H2w { get; } =
        After(H1b, "H2w", H2Sources * KernelTaps, H2Maps, H2Sources, KernelSize, KernelSize);

    /// <summary>(12, 4, 4): a bias a unit of H2.</summary>
    public static ParameterPart H2b { get; } = After(H2w, "H2b", 0, H2Maps, H2Size, H2Size);

    /// <summary>(192, 30).</summary>
    public static ParameterPart H3w { get; } = After(H2b, "H3w", H2Units, H2Units, H3Units);

    /// <summary>(30).</summary>
    public static ParameterPart H3b { get; } = After(H3w, "H3b", 0, H3Units);

    /// <summary>(30, 10).</summary>
    public static ParameterPart Outw { get; } = After(H3b, "outw", H3Units, H3Units, Outputs);

    /// <summary>(10).</summary>
    public static ParameterPart Outb { get; } = After(Outw, "outb", 0, Outputs);

    /// <summary>The eight parts in their order.</summary>
    public static ReadOnlyCollection<ParameterPart> Parts { get; } =
        Array.AsReadOnly([H1w, H1b, H2w, H2b, H3w, H3b, Outw, Outb]);

    /// <summary>9,760.</summary>
    public static int Count { get; } = Outb.Offset + Outb.Count;

    private static ParameterPart After(ParameterPart previous, string name, int fanIn, params int[] shape) =>
        new(name, previous.Offset + previous.Count, fanIn, shape);
}
