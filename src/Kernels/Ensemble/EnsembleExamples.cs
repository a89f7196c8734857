using GpuConvnet.Model;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// A split, or a block of one, on the device, image by image: a group reads a whole image at a time, so that neighbouring
/// threads read neighbouring pixels.
/// </summary>
internal sealed class EnsembleExamples : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _images;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _labels;

    /// <summary>Copies a split over.</summary>
    public EnsembleExamples(Accelerator accelerator, Examples examples)
    {
        Count = examples.Count;
        _images = accelerator.Allocate1D(examples.Pixels);
        _labels = accelerator.Allocate1D(examples.Labels);
    }

    /// <summary>How many examples there are.</summary>
    public int Count { get; }

    /// <summary>(Count, 16, 16).</summary>
    public ArrayView<float> Images => _images.View;

    /// <summary>(Count).</summary>
    public ArrayView<byte> Labels => _labels.View;

    /// <summary>Copies as many other examples over.</summary>
    public void Replace(Examples examples)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(examples.Count, Count);
        _images.CopyFromCPU(examples.Pixels);
        _labels.CopyFromCPU(examples.Labels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }
}
