using GpuConvnet.Model;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>A whole split on the device, for as long as it is trained on or evaluated.</summary>
internal sealed class DeviceExamples : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _images;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _labels;

    /// <summary>Copies a split over, pixel by pixel of all its images: neighbouring threads read neighbouring memory.</summary>
    public DeviceExamples(Accelerator accelerator, Examples examples)
    {
        float[] transposed = new float[examples.Pixels.Length];
        for (int example = 0; example < examples.Count; example++)
        {
            ReadOnlySpan<float> image = examples.Image(example);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                transposed[pixel * examples.Count + example] = image[pixel];
            }
        }

        Count = examples.Count;
        _images = accelerator.Allocate1D(transposed);
        _labels = accelerator.Allocate1D(examples.Labels);
    }

    /// <summary>How many examples there are.</summary>
    public int Count { get; }

    /// <summary>(256, Count).</summary>
    public ArrayView<float> Images => _images.View;

    /// <summary>(Count).</summary>
    public ArrayView<byte> Labels => _labels.View;

    /// <inheritdoc/>
    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }
}
