using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Sums of the lanes of many vectors at once. Summing sixteen vectors together takes 45 operations; one by one it
/// would take 128. Every processor adds in the same order, so that all get the same bits: neighbours in a block of
/// four lanes, then the two halves of the block, then blocks 0 + 2 and 1 + 3, then those two.
/// </summary>
internal static class LaneSums
{
    /// <summary>Four vectors' sums within each block of four lanes.</summary>
    /// <returns>In every block: the sums of that block of a, b, c and d.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide OfBlocks(Wide a, Wide b, Wide c, Wide d)
    {
        if (Avx512F.IsSupported)
        {
            const byte even = 0b10_00_10_00;
            const byte odd = 0b11_01_11_01;
            Wide ab = Avx512F.Shuffle(a, b, even) + Avx512F.Shuffle(a, b, odd);
            Wide cd = Avx512F.Shuffle(c, d, even) + Avx512F.Shuffle(c, d, odd);
            return Avx512F.Shuffle(ab, cd, even) + Avx512F.Shuffle(ab, cd, odd);
        }

        return Vector512.Create(
            OfBlocks(a.GetLower(), b.GetLower(), c.GetLower(), d.GetLower()),
            OfBlocks(a.GetUpper(), b.GetUpper(), c.GetUpper(), d.GetUpper()));
    }

    /// <summary>The sums of all lanes of sixteen vectors, from their sums within blocks.</summary>
    /// <param name="a">Vectors 0 to 3, from <see cref="OfBlocks(Wide, Wide, Wide, Wide)"/>.</param>
    /// <param name="b">Vectors 4 to 7.</param>
    /// <param name="c">Vectors 8 to 11.</param>
    /// <param name="d">Vectors 12 to 15.</param>
    /// <returns>Lane n: the sum of vector n.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide AcrossBlocks(Wide a, Wide b, Wide c, Wide d)
    {
        if (Avx512F.IsSupported)
        {
            const byte lower = 0b01_00_01_00;
            const byte upper = 0b11_10_11_10;
            const byte even = 0b10_00_10_00;
            const byte odd = 0b11_01_11_01;
            Wide ab = Avx512F.Shuffle4x128(a, b, lower) + Avx512F.Shuffle4x128(a, b, upper);
            Wide cd = Avx512F.Shuffle4x128(c, d, lower) + Avx512F.Shuffle4x128(c, d, upper);
            return Avx512F.Shuffle4x128(ab, cd, even) + Avx512F.Shuffle4x128(ab, cd, odd);
        }

        return Vector512.Create(
            Vector256.Create(AcrossBlocks(a), AcrossBlocks(b)), Vector256.Create(AcrossBlocks(c), AcrossBlocks(d)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> AcrossBlocks(Wide a)
    {
        Vector256<float> halves = a.GetLower() + a.GetUpper();
        return halves.GetLower() + halves.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> OfBlocks(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d)
    {
        if (Avx.IsSupported)
        {
            return Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d));
        }

        return Vector256.Create(
            OfBlocks(a.GetLower(), b.GetLower(), c.GetLower(), d.GetLower()),
            OfBlocks(a.GetUpper(), b.GetUpper(), c.GetUpper(), d.GetUpper()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> OfBlocks(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(AdvSimd.Arm64.AddPairwise(a, b), AdvSimd.Arm64.AddPairwise(c, d));
        }

        return Vector128.Create(OfBlock(a), OfBlock(b), OfBlock(c), OfBlock(d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float OfBlock(Vector128<float> a) => (a[0] + a[1]) + (a[2] + a[3]);
}
