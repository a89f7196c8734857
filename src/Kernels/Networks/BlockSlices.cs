using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// The gradient, slice by slice of the batch's blocks: each launch adds up whole slices, so that a batch too large for the memory
/// is processed in parts without a bit of the sum changing.
/// </summary>
public readonly struct BlockSlices
{
    /// <summary>Describes a launch's slices.</summary>
    /// <param name="sums">(slices, parameters): each slice's summed gradient.</param>
    /// <param name="parameters">How many parameters there are.</param>
    /// <param name="blocks">Blocks of the whole batch.</param>
    /// <param name="count">Slices of the whole batch.</param>
    /// <param name="first">The first slice of this launch.</param>
    internal BlockSlices(ArrayView<float> sums, int parameters, int blocks, int count, int first)
    {
        Sums = sums;
        Parameters = parameters;
        Blocks = blocks;
        Count = count;
        First = first;
    }

    /// <summary>(slices, parameters): each slice's summed gradient.</summary>
    internal ArrayView<float> Sums { get; }

    /// <summary>How many parameters there are.</summary>
    internal int Parameters { get; }

    /// <summary>Blocks of the whole batch.</summary>
    internal int Blocks { get; }

    /// <summary>Slices of the whole batch.</summary>
    internal int Count { get; }

    /// <summary>The first slice of this launch.</summary>
    internal int First { get; }

    /// <summary>The blocks of one of this launch's slices, counted from the launch's first block.</summary>
    /// <param name="slice">Which, from 0.</param>
    /// <param name="start">The slice's first block.</param>
    /// <param name="end">The one after its last.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Range(int slice, out int start, out int end)
    {
        int launch = StartOf(First);
        start = StartOf(First + slice) - launch;
        end = StartOf(First + slice + 1) - launch;
    }

    /// <summary>Keeps the sum of one parameter's gradient over one slice: each is stored once, by one thread.</summary>
    /// <param name="slice">Which of this launch's, from 0.</param>
    /// <param name="parameter">The parameter's place in the network's vector: its part's offset and its place there.</param>
    /// <param name="sum">The sum over the slice's examples.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int slice, int parameter, float sum) => Sums[(First + slice) * Parameters + parameter] = sum;

    /// <summary>The first block of a slice.</summary>
    /// <param name="slice">Which of the whole batch's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int StartOf(int slice) => (int)((long)slice * Blocks / Count);
}
