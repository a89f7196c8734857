using System.Collections.ObjectModel;

namespace GpuConvnet.Model.Network;

/// <summary>The layout of the parameters of the 1989 network: one float32 vector of 9,760, in eight named parts.</summary>
public static class Parameters
{
    private static readonly ParameterLayout s_layout = new(NetworkShape.Zip1989);

    /// <summary>(12, 1, 5, 5): a kernel per map of H1.</summary>
    public static ParameterPart H1w => s_layout.H1w;

    /// <summary>(12, 8, 8): a bias per unit of H1.</summary>
    public static ParameterPart H1b => s_layout.H1b;

    /// <summary>(12, 8, 5, 5): a kernel per map of H2 and source; see <see cref="H2Connections"/>.</summary>
    public static ParameterPart H2w => s_layout.H2w;

    /// <summary>(12, 4, 4): a bias per unit of H2.</summary>
    public static ParameterPart H2b => s_layout.H2b;

    /// <summary>(192, 30).</summary>
    public static ParameterPart H3w => s_layout.H3w;

    /// <summary>(30).</summary>
    public static ParameterPart H3b => s_layout.H3b;

    /// <summary>(30, 10).</summary>
    public static ParameterPart Outw => s_layout.Outw;

    /// <summary>(10).</summary>
    public static ParameterPart Outb => s_layout.Outb;

    /// <summary>The eight parts in their order.</summary>
    public static ReadOnlyCollection<ParameterPart> Parts => s_layout.Parts;

    /// <summary>9,760.</summary>
    public static int Count { get; } = s_layout.Count;
}
