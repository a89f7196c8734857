using System.Runtime.CompilerServices;
using GpuConvnet.Model.Training;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// The gradient, slice by slice of the batch (see <see cref="GradientSlices"/>): each launch adds up whole slices, so
/// that a batch too large for the memory is processed in parts without a bit of the sum changing.
/// </summary>
/// <param name="sums">(slices, parameters): each slice's summed gradient.</param>
/// <param name="batch">Examples of the whole batch.</param>
/// <param name="count">Slices of the whole batch.</param>
/// <param name="first">The first slice of this launch.</param>
internal readonly struct SliceSums(ArrayView<float> sums, int batch, int count, int first)
{
    /// <summary>(slices, parameters): each slice's summed gradient.</summary>
    public ArrayView<float> Sums { get; } = sums;

    /// <summary>Examples of the whole batch.</summary>
    public int Batch { get; } = batch;

    /// <summary>Slices of the whole batch.</summary>
    public int Count { get; } = count;

    /// <summary>The first slice of this launch.</summary>
    public int First { get; } = first;

    /// <summary>The examples of one of this launch's slices, counted from the launch's first example.</summary>
    /// <param name="slice">Which, from 0.</param>
    /// <param name="start">The slice's first example.</param>
    /// <param name="end">The one after its last.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Range(int slice, out int start, out int end)
    {
        int launch = StartOf(First);
        start = StartOf(First + slice) - launch;
        end = StartOf(First + slice + 1) - launch;
    }

    /// <summary>Keeps the sum of one parameter's gradient over one slice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int slice, int parameters, int parameter, float sum) =>
        Sums[(First + slice) * parameters + parameter] = sum;

    /// <summary><see cref="GradientSlices.Start"/>, in the arithmetic of kernels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int StartOf(int slice) => (int)((long)slice * Batch / Count);
}
