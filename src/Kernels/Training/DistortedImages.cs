using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>Where a step's images are turned, scaled and bent before the other kernels read them.</summary>
internal sealed class DistortedImages : IDisposable
{
    private readonly Action<Index2D, Batch, ArrayView<float>, Perturbation> _distort;
    private readonly MemoryBuffer1D<float, Stride1D.Dense> _images;

    /// <summary>Compiles the kernel and allocates room.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="stride">Images that there is to be room for.</param>
    /// <param name="isByExample">Whether images lie as <see cref="ImagesByExample"/>, not <see cref="ImagesByPixel"/>.</param>
    public DistortedImages(KernelLoader loader, int stride, bool isByExample)
    {
        Stride = stride;
        IsByExample = isByExample;
        loader.LoadAutoGrouped(
            KernelKind.Distort,
            isByExample ? DistortionKernels.Distort<ImagesByExample> : DistortionKernels.Distort<ImagesByPixel>,
            out _distort);
        _images = loader.Accelerator.Allocate1D<float>((long)Shape1989.InputUnits * stride);
    }

    /// <summary>Images that there is room for.</summary>
    public int Stride { get; }

    /// <summary>Whether they lie as <see cref="ImagesByExample"/>, not <see cref="ImagesByPixel"/>.</summary>
    public bool IsByExample { get; }

    /// <summary>(256, <see cref="Stride"/>), or (<see cref="Stride"/>, 256).</summary>
    public MemoryBuffer1D<float, Stride1D.Dense> Buffer => _images;

    /// <summary>Queues the distortion of a batch's images.</summary>
    /// <returns>The batch with these images, whose perturbation is <see cref="Perturbation.OfUnits"/>.</returns>
    public Batch Distort(Batch batch, in Perturbation perturbation)
    {
        _distort(new Index2D(batch.Count, Shape1989.InputSize), batch, _images.View, perturbation);
        return batch with { Images = _images.View, ImageStride = Stride };
    }

    /// <summary>Queues the distortion of images into <see cref="Buffer"/>, where no batch of the layers is made of them.</summary>
    /// <param name="block">The digits.</param>
    /// <param name="image">The first one's place among them.</param>
    /// <param name="place">Its place in the training set.</param>
    /// <param name="count">How many.</param>
    /// <param name="perturbation">What is done to them.</param>
    public void Distort(DeviceExamples block, int image, int place, int count, in Perturbation perturbation) => Distort(
        new Batch
        {
            Images = block.ImagesFrom(image),
            Labels = block.Labels,
            ImageStride = block.Count,
            First = place,
            Count = count,
            Stride = Stride,
        },
        perturbation);

    /// <summary>Refuses perturbation that a trainer has no room for.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static DistortedImages Of(DistortedImages? distorted) => distorted
        ?? throw new InvalidOperationException("This trainer was created for noise that does not distort images.");

    /// <inheritdoc/>
    public void Dispose() => _images.Dispose();
}
