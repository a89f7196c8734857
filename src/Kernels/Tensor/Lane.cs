using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>A thread's place in its warp, as products of matrices see it, and the warp's in its group.</summary>
/// <param name="thread">The thread's number in its group.</param>
internal readonly struct Lane(int thread)
{
    private const int Size = 32;

    /// <summary>0 to 31.</summary>
    public int Index
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => thread.Modulo(Size);
    }

    /// <summary>The warp.</summary>
    public int Warp
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => thread.Over(Size);
    }

    /// <summary>0 to 7: a row of the left matrix and of the sums, a column of the right one.</summary>
    public int Row
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => thread.Modulo(Size) >> 2;
    }

    /// <summary>
    /// Of products whose rows are the four units of a row of H2 of four examples: the column of the lane's unit. Four neighbours have
    /// every other column of every other example, so that what they write lies in different banks.
    /// </summary>
    public int UnitColumn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((Row & 1) << 1) + (Row >> 2);
    }

    /// <summary>Which of the four examples it is, 0 or 2; the row eight further is the next one.</summary>
    public int UnitExample
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Row & 2;
    }

    /// <summary>0 to 3: a column of the left matrix, a row of the right one, two columns of the sums.</summary>
    public int Column
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => thread & 3;
    }
}
