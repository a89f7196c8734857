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
    private const int NextImage = ImagesAtOnce * TensorTile.Image / 2;

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
        ArrayView<Float2> pixels = float4s.Cast<Float2>().SubView(
            (TensorTile.Images + place * TensorTile.Image + ((float4 >> 2) + Shape1989.Padding) * TensorTile.ImageRow
                + Shape1989.Padding + (float4 & 3) * 4) / 2);
        pixels[0] = Float2.Of(first.C0, first.C1);
        pixels[1] = Float2.Of(first.C2, first.C3);
        pixels[NextImage] = Float2.Of(second.C0, second.C1);
        pixels[NextImage + 1] = Float2.Of(second.C2, second.C3);
        pixels[2 * NextImage] = Float2.Of(third.C0, third.C1);
        pixels[2 * NextImage + 1] = Float2.Of(third.C2, third.C3);
        pixels[3 * NextImage] = Float2.Of(fourth.C0, fourth.C1);
        pixels[3 * NextImage + 1] = Float2.Of(fourth.C2, fourth.C3);
    }

    /// <summary>What lies beside a row of an image, and of the first four one of the rows above and below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteBorder(ArrayView<Float4> float4s, int place, int row)
    {
        const int Width = Shape1989.InputSize + 2 * Shape1989.Padding;
        ArrayView<Float4> image = float4s.SubView((TensorTile.Images + place * TensorTile.Image) / 4);
        ArrayView<Float2> beside = image.Cast<Float2>().SubView((row + Shape1989.Padding) * (TensorTile.ImageRow / 2));
        beside[0] = Float2.Of(Shape1989.PaddingValue, Shape1989.PaddingValue);
        beside[Width / 2 - 1] = Float2.Of(Shape1989.PaddingValue, Shape1989.PaddingValue);
        if (row < 2 * Shape1989.Padding)
        {
            int outside = row < Shape1989.Padding ? row : row + Shape1989.InputSize;
            ArrayView<Float4> line = image.SubView(outside * (TensorTile.ImageRow / 4));
            line[0] = Float4.Of(Shape1989.PaddingValue);
            line[1] = Float4.Of(Shape1989.PaddingValue);
            line[2] = Float4.Of(Shape1989.PaddingValue);
            line[3] = Float4.Of(Shape1989.PaddingValue);
            line[4] = Float4.Of(Shape1989.PaddingValue);
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
