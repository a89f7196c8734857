using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// The image that is presented, between its borders: (20 rows, 10 even columns, 10 odd columns). A thread has a pixel, and
/// fetches the next image's while this one is worked on.
/// </summary>
internal static class EnsembleImage
{
    /// <summary>Writes the border, once for all images. A barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Surround(EnsembleMemory memory)
    {
        const int Pixels = Shape1989.PaddedInputSize * EnsembleLayout.ImageRow;
        for (int pixel = Group.IdxX; pixel < Pixels; pixel += EnsembleKernels.Threads)
        {
            memory.Values[EnsembleLayout.Image + pixel] = Shape1989.PaddingValue;
        }
    }

    /// <summary>The thread's pixel of an image, rolled as the perturbation says.</summary>
    /// <param name="images">(count, 16, 16).</param>
    /// <param name="index">Which of them.</param>
    /// <param name="place">The example's place in the training set, for the perturbation.</param>
    /// <param name="perturbation">How the image is rolled.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pixel(ArrayView<float> images, int index, int place, Perturbation perturbation)
    {
        const int Last = Shape1989.InputSize - 1;
        perturbation.Shift(place, out int rows, out int columns);
        int row = (Group.IdxX.Over(Shape1989.InputSize) - rows) & Last;
        int column = (Group.IdxX - columns) & Last;
        return images[index * Shape1989.InputUnits + row * Shape1989.InputSize + column];
    }

    /// <summary>Writes the thread's pixel. A barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(EnsembleMemory memory, float pixel)
    {
        int row = Group.IdxX.Over(Shape1989.InputSize) + Shape1989.Padding;
        int column = Group.IdxX.Modulo(Shape1989.InputSize) + Shape1989.Padding;
        memory.Values[EnsembleLayout.Image + row * EnsembleLayout.ImageRow
            + column.Modulo(2) * EnsembleLayout.OddColumns + column.Over(2)] = pixel;
    }

    /// <summary>A row of the image between its borders.</summary>
    /// <param name="memory">The group's memory.</param>
    /// <param name="row">The row, 0 to 19, the border's included.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ImageRow Row(EnsembleMemory memory, int row)
    {
        ArrayView<Float4> image =
            memory.Float4s.SubView((EnsembleLayout.Image + row * EnsembleLayout.ImageRow) / 4);
        return ImageRow.OfColumns(image[0], image[1], image[2], image[3], image[4]);
    }
}
