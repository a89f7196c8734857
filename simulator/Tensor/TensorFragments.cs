namespace GpuConvnet.Simulator.Tensor;

/// <summary>
/// Which elements of its matrices a lane holds in its registers for a product of 16 x 8 by 8 x 8: PTX ISA, "Matrix Fragments for
/// mma.m16n8k8", of <c>.tf32</c>; of m16n8k16's <c>.bf16</c> a register's pair lies where an element does here. Of register i and lane l the place is at 32 i + l, in the order in which <see cref="TensorCore"/>
/// has the matrices.
/// </summary>
internal static class TensorFragments
{
    /// <summary>Lanes of a warp.</summary>
    public const int Lanes = 32;

    /// <summary>A's, of four registers: row by row.</summary>
    public static int[] Left { get; } = Places(
        4, (i, group, thread) => (group + (i % 2 == 0 ? 0 : 8)) * TensorCore.Depth + thread + (i < 2 ? 0 : 4));

    /// <summary>B's, of two registers: column by column.</summary>
    public static int[] Right { get; } = Places(2, (i, group, thread) => group * TensorCore.Depth + thread + 4 * i);

    /// <summary>C's, of four registers: row by row.</summary>
    public static int[] Sums { get; } = Places(
        4, (i, group, thread) => (group + (i < 2 ? 0 : 8)) * TensorCore.Columns + 2 * thread + (i & 1));

    private static int[] Places(int registers, Func<int, int, int, int> place) =>
        [.. Enumerable.Range(0, registers * Lanes).Select(i => place(i / Lanes, i % Lanes / 4, i % 4))];
}
