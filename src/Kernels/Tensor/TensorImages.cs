using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>A tile's images between their borders, rolled as the step's perturbation says.</summary>
internal static class TensorImages
{
    private const int Last = Shape1989.InputSize - 1;

    // Of an image. A thread has the same of every other one.
    private const int ImageFloat4s = Shape1989.InputUnits / 4;
    private const int ImagesAtOnce = TensorKernels.Threads / ImageFloat4s;
    private const int NextImage = ImagesAtOnce * TensorTile.Image / TensorTile.Cell;

    /// <summary>
    /// From (count, 256) in memory to the tile. Examples beyond the last repeat it. A thread: a float4 of four images, which it asks
    /// for all at once, and what lies beside a row.
    /// </summary>
    /// <param name="thread">The thread's number in its group.</param>
    /// <param name="batch">The images, and how they are rolled.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="float4s">The tile's memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
    {
        Perturbation perturbation = batch.Perturbation;
        int last = batch.Count - 1;
        int place = thread.Over(ImageFloat4s);
        int float4 = thread.Modulo(ImageFloat4s);
        int example = start + place;
        Float4 first = FourPixels(batch, Math.Min(example, last), perturbation, float4 * 4);
        Float4 second = FourPixels(batch, Math.Min(example + ImagesAtOnce, last), perturbation, float4 * 4);
        Float4 third = FourPixels(batch, Math.Min(example + 2 * ImagesAtOnce, last), perturbation, float4 * 4);
        Float4 fourth = FourPixels(batch, Math.Min(example + 3 * ImagesAtOnce, last), perturbation, float4 * 4);
        WriteBorder(float4s, thread.Over(Shape1989.InputSize), thread.Modulo(Shape1989.InputSize));
        ArrayView<Float4> pixels = float4s.SubView(
            TensorTile.Pixel(place, (float4 >> 2) + Shape1989.Padding, (float4 & 3) * 4) / TensorTile.Cell);
        pixels[0] = first;
        pixels[NextImage] = second;
        pixels[2 * NextImage] = third;
        pixels[3 * NextImage] = fourth;
    }

    /// <summary>What lies behind a row of an image, and of the first four one of the rows above and below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteBorder(ArrayView<Float4> float4s, int place, int row)
    {
        const int Row = TensorTile.ImageRow / TensorTile.Cell;
        int first = TensorTile.Pixel(place, 0, 0) / TensorTile.Cell;
        ArrayView<Float4> image = float4s.SubView(first);
        image[(row + Shape1989.Padding) * Row + Row - 1] = Float4.Of(Shape1989.PaddingValue);
        if (row < 2 * Shape1989.Padding)
        {
            int outside = row < Shape1989.Padding ? row : row + Shape1989.InputSize;
            ArrayView<Float4> line = image.SubView(outside * Row);
            line[0] = Float4.Of(Shape1989.PaddingValue);
            line[1] = Float4.Of(Shape1989.PaddingValue);
            line[2] = Float4.Of(Shape1989.PaddingValue);
            line[3] = Float4.Of(Shape1989.PaddingValue);
            line[4] = Float4.Of(Shape1989.PaddingValue);
            if (place + row == 0)
            {
                float4s[first - 1] = Float4.Of(Shape1989.PaddingValue);
            }
        }
    }

    /// <summary>Four pixels of a row, of which a roll may have come round its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 FourPixels(FusedBatch batch, int example, Perturbation perturbation, int pixel)
    {
        if (perturbation.MaximumShift == 0)
        {
            return batch.Pixels(example, pixel);
        }

        perturbation.Shift(batch.First + example, out int rows, out int columns);
        int row = (pixel - rows * Shape1989.InputSize) & (Last * Shape1989.InputSize);
        int column = pixel - columns;
        return Float4.Of(
            batch.Pixel(example, row + (column & Last)),
            batch.Pixel(example, row + ((column + 1) & Last)),
            batch.Pixel(example, row + ((column + 2) & Last)),
            batch.Pixel(example, row + ((column + 3) & Last)));
    }
}
