using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// Where things are. Parameters: one vector in the order of <see cref="Model.Network.Parameters"/>. Activations and
/// deltas: one row per unit, in the order H1, H2, H3, output, and in a row the examples side by side, so that neighbouring
/// threads, which work on neighbouring examples, read neighbouring memory. Bias b belongs to row b of the deltas.
/// </summary>
internal static class Layout
{
    /// <summary>The digits.</summary>
    public const int Outputs = Shape1989.Outputs;

    /// <summary>Units of a map of H1.</summary>
    public const int H1MapUnits = Shape1989.H1MapUnits;

    /// <summary>Units of a map of H2.</summary>
    public const int H2MapUnits = Shape1989.H2MapUnits;

    /// <summary>Weights of a kernel.</summary>
    public const int KernelTaps = Shape1989.KernelTaps;

    /// <summary>Units of H1.</summary>
    public static int H1Units => Shape1989.H1Maps * H1MapUnits;

    /// <summary>Units of H2.</summary>
    public static int H2Units => Shape1989.H2Maps * H2MapUnits;

    /// <summary>The first parameter of H1w (H1Maps, 1, 5, 5).</summary>
    public static int H1w => 0;

    /// <summary>The first parameter of H1b (H1Maps, 8, 8).</summary>
    public static int H1b => Shape1989.H1Maps * KernelTaps;

    /// <summary>The first parameter of H2w (H2Maps, H2Sources, 5, 5).</summary>
    public static int H2w => H1b + H1Units;

    /// <summary>The first parameter of H2b (H2Maps, 4, 4).</summary>
    public static int H2b => H2w + Shape1989.H2Maps * Shape1989.H2Sources * KernelTaps;

    /// <summary>The first parameter of H3w (H2Units, H3Units).</summary>
    public static int H3w => H2b + H2Units;

    /// <summary>The first parameter of H3b (H3Units).</summary>
    public static int H3b => H3w + H2Units * Shape1989.H3Units;

    /// <summary>The first parameter of outw (H3Units, 10).</summary>
    public static int Outw => H3b + Shape1989.H3Units;

    /// <summary>The first parameter of outb (10).</summary>
    public static int Outb => Outw + Shape1989.H3Units * Outputs;

    /// <summary>How many parameters there are.</summary>
    public static int Parameters => Outb + Outputs;

    /// <summary>H1's first row of activations and deltas.</summary>
    public static int H1Row => 0;

    /// <summary>H2's first row.</summary>
    public static int H2Row => H1Units;

    /// <summary>H3's first row.</summary>
    public static int H3Row => H2Row + H2Units;

    /// <summary>The outputs' first row.</summary>
    public static int OutputRow => H3Row + Shape1989.H3Units;

    /// <summary>How many rows there are: one per hidden or output unit.</summary>
    public static int Rows => OutputRow + Outputs;

    /// <summary>The bias of a row's unit.</summary>
    public static int Bias(int row) =>
        row < H2Row ? H1b + row
        : row < H3Row ? H2b + row - H2Row
        : row < OutputRow ? H3b + row - H3Row
        : Outb + row - OutputRow;
}
