using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A lane's sums of a product of matrices (16 rows, 8 columns) of which nothing is lost but the last bits: the products of first parts, and
/// of either's rest with the other's first part. That of the rests, 2^-22 of the whole, is left out. In registers.
/// </summary>
internal struct PartSums
{
    private ProductSums _firsts;
    private ProductSums _leftRests;
    private ProductSums _rightRests;

    /// <summary>The sums, in the order of <see cref="Mma"/>.</summary>
    public readonly ProductSums Sums
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _firsts.Plus(_leftRests.Plus(_rightRests));
    }

    /// <summary>Adds a product. All lanes of the warp come here together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(LeftParts a, RightParts b)
    {
        Add(ref _leftRests, a.Rest0, a.Rest1, a.Rest2, a.Rest3, b.High0, b.High1);
        Add(ref _rightRests, a.High0, a.High1, a.High2, a.High3, b.Rest0, b.Rest1);
        Add(ref _firsts, a.High0, a.High1, a.High2, a.High3, b.High0, b.High1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref ProductSums sums, float a0, float a1, float a2, float a3, float b0, float b1)
    {
        float c0 = sums.C0, c1 = sums.C1, c2 = sums.C2, c3 = sums.C3;
        Mma.Add(ref c0, ref c1, ref c2, ref c3, a0, a1, a2, a3, b0, b1);
        sums = new ProductSums { C0 = c0, C1 = c1, C2 = c2, C3 = c3 };
    }
}
