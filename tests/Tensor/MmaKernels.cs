using GpuConvnet.Kernels.Tensor;
using ILGPU;

namespace GpuConvnet.Tests.Tensor;

/// <summary>Kernels of whole warps, for the tests of <see cref="Mma"/>: what they multiply lies lane by lane.</summary>
internal static class MmaKernels
{
    /// <summary>C += A * B, a product per warp.</summary>
    /// <param name="left">4 values per thread, of A.</param>
    /// <param name="right">2 values per thread, of B.</param>
    /// <param name="sums">4 values per thread, of C.</param>
    public static void Once(ArrayView<float> left, ArrayView<float> right, ArrayView<float> sums)
    {
        int thread = Grid.IdxX * Group.DimX + Group.IdxX;
        int a = 4 * thread, b = 2 * thread;
        float c0 = sums[a], c1 = sums[a + 1], c2 = sums[a + 2], c3 = sums[a + 3];
        Mma.Add(
            ref c0, ref c1, ref c2, ref c3, left[a], left[a + 1], left[a + 2], left[a + 3], right[b], right[b + 1]);
        sums[a] = c0;
        sums[a + 1] = c1;
        sums[a + 2] = c2;
        sums[a + 3] = c3;
    }

    /// <summary>
    /// C += A * B, nearly as exact as floats allow: the two products of split operands that the tensor kernel takes.
    /// </summary>
    /// <param name="left">4 values per thread, of A.</param>
    /// <param name="right">2 values per thread, of B.</param>
    /// <param name="sums">4 values per thread, of C.</param>
    public static void Twice(ArrayView<float> left, ArrayView<float> right, ArrayView<float> sums)
    {
        int thread = Grid.IdxX * Group.DimX + Group.IdxX;
        int a = 4 * thread, b = 2 * thread;
        ProductSums product = new() { C0 = sums[a], C1 = sums[a + 1], C2 = sums[a + 2], C3 = sums[a + 3] };
        LeftOperand leftParts = LeftOperand.Of(left[a], left[a + 1], left[a + 2], left[a + 3]);
        RightOperand rightParts = RightOperand.Of(right[b], right[b + 1]);
        product.AddRests(leftParts, rightParts);
        product.AddFirsts(leftParts, rightParts);
        sums[a] = product.C0;
        sums[a + 1] = product.C1;
        sums[a + 2] = product.C2;
        sums[a + 3] = product.C3;
    }

    /// <summary>C += 7 A * B in one product of pairs: of every element of A and its double, and of B and three times it.</summary>
    /// <param name="left">4 values per thread, of A.</param>
    /// <param name="right">2 values per thread, of B.</param>
    /// <param name="sums">4 values per thread, of C.</param>
    public static void Pairs(ArrayView<float> left, ArrayView<float> right, ArrayView<float> sums)
    {
        int thread = Grid.IdxX * Group.DimX + Group.IdxX;
        int a = 4 * thread, b = 2 * thread;
        float c0 = sums[a], c1 = sums[a + 1], c2 = sums[a + 2], c3 = sums[a + 3];
        Mma.AddPairs(
            ref c0, ref c1, ref c2, ref c3,
            Split.Pair(2f * left[a], left[a]), Split.Pair(2f * left[a + 1], left[a + 1]), Split.Pair(2f * left[a + 2], left[a + 2]),
            Split.Pair(2f * left[a + 3], left[a + 3]), Split.Pair(3f * right[b], right[b]), Split.Pair(3f * right[b + 1], right[b + 1]));
        sums[a] = c0;
        sums[a + 1] = c1;
        sums[a + 2] = c2;
        sums[a + 3] = c3;
    }

    /// <summary>Four products into the same sums, time and again: each waits for the one before.</summary>
    /// <param name="values">4 values per thread, of A, which are B's, too. Becomes the sums.</param>
    /// <param name="times">How often.</param>
    public static void InARow(ArrayView<float> values, int times)
    {
        int a = 4 * Group.IdxX;
        float a0 = values[a], a1 = values[a + 1], a2 = values[a + 2], a3 = values[a + 3];
        float c0 = 0, c1 = 0, c2 = 0, c3 = 0;
        for (int i = 0; i < times; i++)
        {
            Mma.Add(ref c0, ref c1, ref c2, ref c3, a0, a1, a2, a3, a0, a1);
            Mma.Add(ref c0, ref c1, ref c2, ref c3, a0, a1, a2, a3, a2, a3);
            Mma.Add(ref c0, ref c1, ref c2, ref c3, a0, a1, a2, a3, a0, a1);
            Mma.Add(ref c0, ref c1, ref c2, ref c3, a0, a1, a2, a3, a2, a3);
        }

        values[a] = c0;
        values[a + 1] = c1;
        values[a + 2] = c2;
        values[a + 3] = c3;
    }
}
