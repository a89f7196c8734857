using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>
/// The image that is presented, between its borders: (20 rows, 10 even columns, 10 odd columns). A thread has a pixel, and
/// fetches the next image's while this one is worked on.
/// </summary>
internal static class ReplicaImage
{
    /// <summary>Writes the border, once for all images. A barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Surround<TShape>(ReplicaMemory memory)
        where TShape : struct, IShape
    {
        const int Pixels = Shape1989.PaddedInputSize * ReplicaLayout<TShape>.ImageRow;
        for (int pixel = Group.IdxX; pixel < Pixels; pixel += ReplicaKernels.Threads)
        {
            memory.Values[ReplicaLayout<TShape>.Image + pixel] = Shape1989.PaddingValue;
        }
    }

    /// <summary>The thread's pixel of an image, rolled as the noise says.</summary>
    /// <param name="images">(count, 16, 16).</param>
    /// <param name="index">Which of them.</param>
    /// <param name="place">The example's place in the training set, for the noise.</param>
    /// <param name="noise">How the image is rolled.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Pixel(ArrayView<float> images, int index, int place, Noise noise)
    {
        const int Last = Shape1989.InputSize - 1;
        noise.Shift(place, out int rows, out int columns);
        int row = (Group.IdxX.Over(Shape1989.InputSize) - rows) & Last;
        int column = (Group.IdxX - columns) & Last;
        return images[index * Shape1989.InputUnits + row * Shape1989.InputSize + column];
    }

    /// <summary>Writes the thread's pixel. A barrier must follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TShape>(ReplicaMemory memory, float pixel)
        where TShape : struct, IShape
    {
        int row = Group.IdxX.Over(Shape1989.InputSize) + Shape1989.Padding;
        int column = Group.IdxX.Modulo(Shape1989.InputSize) + Shape1989.Padding;
        memory.Values[ReplicaLayout<TShape>.Image + row * ReplicaLayout<TShape>.ImageRow
            + column.Modulo(2) * ReplicaLayout<TShape>.OddColumns + column.Over(2)] = pixel;
    }
}
