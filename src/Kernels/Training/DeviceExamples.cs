using GpuConvnet.Model;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>A whole split on the device, or a block of one, for as long as it is trained on or evaluated.</summary>
internal sealed class DeviceExamples : IDisposable
{
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _images;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _labels;
    private float[]? _replacement;

    /// <summary>Copies a split over, pixel by pixel of all its images: neighbouring threads read neighbouring memory.</summary>
    public DeviceExamples(Accelerator accelerator, Examples examples)
    {
        Count = examples.Count;
        float[] transposed = new float[examples.Pixels.Length];
        Transpose(examples, transposed);
        _images = accelerator.Allocate1D(transposed);
        _labels = accelerator.Allocate1D(examples.Labels);
    }

    /// <summary>How many examples there are.</summary>
    public int Count { get; }

    /// <summary>(256, Count).</summary>
    public ArrayView<float> Images => _images.View;

    /// <summary>(Count).</summary>
    public ArrayView<byte> Labels => _labels.View;

    /// <summary>Copies as many other examples over.</summary>
    public void Replace(Examples examples)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(examples.Count, Count);
        _replacement ??= new float[examples.Pixels.Length];
        Transpose(examples, _replacement);
        _images.CopyFromCPU(_replacement);
        _labels.CopyFromCPU(examples.Labels);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _images.Dispose();
        _labels.Dispose();
    }

    private static void Transpose(Examples examples, float[] transposed)
    {
        for (int example = 0; example < examples.Count; example++)
        {
            ReadOnlySpan<float> image = examples.Image(example);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                transposed[pixel * examples.Count + example] = image[pixel];
            }
        }
    }
}
