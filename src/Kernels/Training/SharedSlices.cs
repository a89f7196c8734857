using GpuConvnet.Model.Ranks;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// The sum of a batch's slices that several ranks have computed, each on its device: slices come to the host, ranks add them up in
/// the kernels' order, and the sum goes back.
/// </summary>
internal sealed class SharedSlices
{
    private readonly SharedSum _sum;
    private readonly int _count;
    private readonly float[] _whole;
    private float[] _own = [];

    /// <summary>Prepares sums.</summary>
    /// <param name="ranks">Who adds.</param>
    /// <param name="count">Parameters of a gradient.</param>
    public SharedSlices(IRanks ranks, int count)
    {
        _sum = new SharedSum(ranks, SumOrder.InTurn, count);
        _count = count;
        _whole = new float[count];
    }

    /// <summary>The slices that this rank computes.</summary>
    /// <param name="slices">Slices of the batch.</param>
    public SliceSpan Own(int slices) => _sum.Own(slices);

    /// <summary>Adds them up.</summary>
    /// <param name="sums">(slices, parameters), on the device: this rank's are there.</param>
    /// <param name="slices">Slices of the batch.</param>
    /// <param name="gradient">(parameters), on the device: the sum, out.</param>
    public void Add(ArrayView<float> sums, int slices, ArrayView<float> gradient)
    {
        SliceSpan own = Own(slices);
        if (_own.Length < own.Count * _count)
        {
            _own = new float[own.Count * _count];
        }

        if (own.Count > 0)
        {
            sums.SubView((long)own.First * _count, (long)own.Count * _count).CopyToCPU(_own.AsSpan(0, own.Count * _count));
        }

        _sum.Add(slices, slice => _own.AsSpan((slice - own.First) * _count, _count), _whole);
        gradient.CopyFromCPU(_whole);
    }
}
