using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>A lane's sums of a product of matrices (16 rows, 8 columns). In registers.</summary>
internal struct ProductSums
{
    /// <summary>Row g, columns 2t and 2t + 1.</summary>
    public float C0, C1;

    /// <summary>Row g + 8, columns 2t and 2t + 1.</summary>
    public float C2, C3;

    /// <summary>All four.</summary>
    public readonly Float4 Values
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float4.Of(C0, C1, C2, C3);
    }

    /// <summary>Sums that begin with these.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ProductSums Of(Float4 sums) => new() { C0 = sums.C0, C1 = sums.C1, C2 = sums.C2, C3 = sums.C3 };

    /// <summary>The sums of these and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ProductSums Plus(ProductSums others) => Of(Values.Plus(others.Values));

    /// <summary>
    /// Adds each operand's first parts times the other's rest, in one product: the first of two that are nearly as good as one of float32.
    /// The product of the rests, less than 2^-20 of the whole, is left out.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddRests(LeftOperand a, RightOperand b)
    {
        float c0 = C0, c1 = C1, c2 = C2, c3 = C3;
        Mma.AddPairs(ref c0, ref c1, ref c2, ref c3, a.Pair0, a.Pair1, a.Pair2, a.Pair3, b.Pair0, b.Pair1);
        C0 = c0;
        C1 = c1;
        C2 = c2;
        C3 = c3;
    }

    /// <summary>Adds the product of the first parts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddFirsts(LeftOperand a, RightOperand b)
    {
        float c0 = C0, c1 = C1, c2 = C2, c3 = C3;
        Mma.Add(ref c0, ref c1, ref c2, ref c3, a.High0, a.High1, a.High2, a.High3, b.High0, b.High1);
        C0 = c0;
        C1 = c1;
        C2 = c2;
        C3 = c3;
    }
}
