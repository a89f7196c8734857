using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>A square of four times four sums. In registers.</summary>
internal struct Tile4
{
    /// <summary>Row 0.</summary>
    public Float4 R0;

    /// <summary>Row 1.</summary>
    public Float4 R1;

    /// <summary>Row 2.</summary>
    public Float4 R2;

    /// <summary>Row 3.</summary>
    public Float4 R3;

    /// <summary>These sums and the products of four values with four others.</summary>
    /// <param name="columns">A value per column.</param>
    /// <param name="rows">A value per row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Tile4 Plus(Float4 columns, Float4 rows) => new()
    {
        R0 = columns.TimesPlus(rows.C0, R0),
        R1 = columns.TimesPlus(rows.C1, R1),
        R2 = columns.TimesPlus(rows.C2, R2),
        R3 = columns.TimesPlus(rows.C3, R3),
    };
}
