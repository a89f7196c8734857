using GpuConvnet.Model;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>A whole split on the device, or a block of one, for as long as it is trained on or evaluated.</summary>
internal sealed class DeviceExamples : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _images;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _labels;
    private readonly bool _isByExample;
    private float[]? _room;

    /// <summary>Copies a split over.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="examples">The split.</param>
    /// <param name="isByExample">Whether images lie one after the other, and not the first pixel of all before the second.</param>
    public DeviceExamples(Accelerator accelerator, Examples examples, bool isByExample)
    {
        Count = examples.Count;
        _isByExample = isByExample;
        _images = accelerator.Allocate1D<float>(examples.Pixels.Length);
        CopyImages(examples, isByExample ? [] : new float[examples.Pixels.Length]);
        _labels = accelerator.Allocate1D(examples.Labels);
    }

    /// <summary>How many examples there are.</summary>
    public int Count { get; }

    /// <summary>(256, Count), or (Count, 256).</summary>
    public ArrayView<float> Images => _images.View;

    /// <summary>The images from one of them on.</summary>
    public ArrayView<float> ImagesFrom(int example) =>
        Images.SubView(_isByExample ? (long)example * Shape1989.InputUnits : example);

    /// <summary>(Count).</summary>
    public ArrayView<byte> Labels => _labels.View;

    /// <summary>Copies as many other examples over.</summary>
    public void Replace(Examples examples)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(examples.Count, Count);
        CopyImages(examples, _room ??= _isByExample ? [] : new float[examples.Pixels.Length]);
        _labels.CopyFromCPU(examples.Labels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }

    private void CopyImages(Examples examples, float[] transposed)
    {
        if (_isByExample)
        {
            _images.CopyFromCPU(examples.Pixels);
            return;
        }

        for (int example = 0; example < examples.Count; example++)
        {
            ReadOnlySpan<float> image = examples.Image(example);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                transposed[pixel * examples.Count + example] = image[pixel];
            }
        }

        _images.CopyFromCPU(transposed);
    }
}
