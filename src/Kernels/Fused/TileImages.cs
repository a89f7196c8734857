using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A tile's images, rolled as the step's perturbation says.</summary>
internal static class TileImages
{
    private const int Last = Shape1989.InputSize - 1;

    // Of an image, and of all of a tile's: two or three for each thread.
    private const int ImageFloat4s = Shape1989.InputUnits / 4;
    private const int Float4s = Tile.Examples * ImageFloat4s;

    /// <summary>
    /// From (count, 256) in memory to (Examples, 16 rows, 4 float4s) in the tile. Examples beyond the last repeat it. A thread:
    /// up to three float4s, which it asks for all at once.
    /// </summary>
    /// <param name="thread">The thread's number in its group.</param>
    /// <param name="batch">The images, and how they are rolled.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="float4s">The tile's memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
    {
        Perturbation perturbation = batch.Perturbation;
        int last = Math.Min(thread + 2 * FusedKernels.Threads, Float4s - 1);
        Float4 first = FourPixels(batch, start, perturbation, thread);
        Float4 second = FourPixels(batch, start, perturbation, thread + FusedKernels.Threads);
        Float4 third = FourPixels(batch, start, perturbation, last);
        float4s[Place(thread)] = first;
        float4s[Place(thread + FusedKernels.Threads)] = second;
        if (thread + 2 * FusedKernels.Threads == last)
        {
            float4s[Place(last)] = third;
        }
    }

    /// <summary>A row of an image, or of the border above or below it.</summary>
    /// <param name="float4s">The tile's memory.</param>
    /// <param name="place">The example.</param>
    /// <param name="row">The row, -2 to 17.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ImageRow Row(ArrayView<Float4> float4s, int place, int row)
    {
        int first = Tile.Images + place * Tile.ImageFloat4s + row * Tile.ImageRowFloat4s;
        ArrayView<Float4> image = float4s.SubView((uint)row < Shape1989.InputSize ? first : Tile.Border);
        return ImageRow.OfPixels(image[0], image[1], image[2], image[3]);
    }

    /// <summary>Where a float4 of the tile's images lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(int float4) =>
        Tile.Images + float4.Over(ImageFloat4s) * Tile.ImageFloat4s + float4.Modulo(ImageFloat4s);

    /// <summary>Four pixels of a row, of which a roll may have come round its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 FourPixels(FusedBatch batch, int start, Perturbation perturbation, int float4)
    {
        int example = Math.Min(start + float4.Over(ImageFloat4s), batch.Count - 1);
        int pixel = float4.Modulo(ImageFloat4s) * 4;
        if (perturbation.MaximumShift == 0)
        {
            return batch.Pixels(example, pixel);
        }

        perturbation.Shift(batch.First + example, out int rows, out int columns);
        int row = (pixel - rows * Shape1989.InputSize) & (Last * Shape1989.InputSize);
        int column = pixel - columns;
        return new()
        {
            C0 = batch.Pixel(example, row + (column & Last)),
            C1 = batch.Pixel(example, row + ((column + 1) & Last)),
            C2 = batch.Pixel(example, row + ((column + 2) & Last)),
            C3 = batch.Pixel(example, row + ((column + 3) & Last)),
        };
    }
}
