using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>A square of four times four values. In registers.</summary>
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

    /// <summary>The tile with its rows as columns.</summary>
    public readonly Tile4 Transposed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new()
        {
            R0 = Float4.Of(R0.C0, R1.C0, R2.C0, R3.C0),
            R1 = Float4.Of(R0.C1, R1.C1, R2.C1, R3.C1),
            R2 = Float4.Of(R0.C2, R1.C2, R2.C2, R3.C2),
            R3 = Float4.Of(R0.C3, R1.C3, R2.C3, R3.C3),
        };
    }

    /// <summary>The sum of the diagonal.</summary>
    public readonly float Trace
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => R0.C0 + R1.C1 + (R2.C2 + R3.C3);
    }

    /// <summary>A value on the diagonal, and 0 elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tile4 Diagonal(float value) => new()
    {
        R0 = Float4.Of(value, 0f, 0f, 0f),
        R1 = Float4.Of(0f, value, 0f, 0f),
        R2 = Float4.Of(0f, 0f, value, 0f),
        R3 = Float4.Of(0f, 0f, 0f, value),
    };

    /// <summary>Reads four rows.</summary>
    /// <param name="view">Where from.</param>
    /// <param name="place">The first row's place.</param>
    /// <param name="stride">From a row to the next one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Tile4 Load(ArrayView<Float4> view, int place, int stride) => new()
    {
        R0 = view[place],
        R1 = view[place + stride],
        R2 = view[place + 2 * stride],
        R3 = view[place + 3 * stride],
    };

    /// <summary>Writes them.</summary>
    /// <param name="view">Where to.</param>
    /// <param name="place">The first row's place.</param>
    /// <param name="stride">From a row to the next one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<Float4> view, int place, int stride)
    {
        view[place] = R0;
        view[place + stride] = R1;
        view[place + 2 * stride] = R2;
        view[place + 3 * stride] = R3;
    }

    /// <summary>The sums of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Tile4 Plus(Tile4 other) => new()
    {
        R0 = R0.Plus(other.R0),
        R1 = R1.Plus(other.R1),
        R2 = R2.Plus(other.R2),
        R3 = R3.Plus(other.R3),
    };

    /// <summary>Each value times a factor, added to a sum of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Tile4 TimesPlus(float factor, Tile4 sums) => new()
    {
        R0 = R0.TimesPlus(factor, sums.R0),
        R1 = R1.TimesPlus(factor, sums.R1),
        R2 = R2.TimesPlus(factor, sums.R2),
        R3 = R3.TimesPlus(factor, sums.R3),
    };

    /// <summary>The products with a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Tile4 Times(float factor) => new()
    {
        R0 = R0.Times(Float4.Of(factor)),
        R1 = R1.Times(Float4.Of(factor)),
        R2 = R2.Times(Float4.Of(factor)),
        R3 = R3.Times(Float4.Of(factor)),
    };

    /// <summary>These sums and the products of four values with four others, which are added up over four rows of them.</summary>
    /// <param name="columns">A value per column.</param>
    /// <param name="rows">A value per row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Tile4 PlusProducts(Tile4 columns, Tile4 rows) => PlusProducts(columns.R0, rows.R0)
        .PlusProducts(columns.R1, rows.R1)
        .PlusProducts(columns.R2, rows.R2)
        .PlusProducts(columns.R3, rows.R3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Tile4 PlusProducts(Float4 columns, Float4 rows) => new()
    {
        R0 = columns.TimesPlus(rows.C0, R0),
        R1 = columns.TimesPlus(rows.C1, R1),
        R2 = columns.TimesPlus(rows.C2, R2),
        R3 = columns.TimesPlus(rows.C3, R3),
    };
}
