using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A tile's images, rolled as the step's noise says.</summary>
internal static class TileImages
{
    private const int Last = Shape1989.InputSize - 1;

    // Of an image, and of all of a tile's: two or three for each thread.
    private const int ImageQuads = Shape1989.InputUnits / 4;
    private const int Quads = Tile<Network1989>.Examples * ImageQuads;

    /// <summary>
    /// From (count, 256) in memory to (Examples, 16 rows, 4 quads) in the tile. Examples beyond the last repeat it. A thread: up
    /// to three quads, which it asks for all at once.
    /// </summary>
    /// <param name="thread">The thread's number in its group.</param>
    /// <param name="batch">The images, and how they are rolled.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="quads">The tile's memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<TShape>(int thread, FusedBatch batch, int start, ArrayView<Columns4> quads)
        where TShape : struct, IShape
    {
        Noise noise = batch.Noise;
        int last = Math.Min(thread + 2 * FusedKernels.Threads, Quads - 1);
        Columns4 first = Quad(batch, start, noise, thread);
        Columns4 second = Quad(batch, start, noise, thread + FusedKernels.Threads);
        Columns4 third = Quad(batch, start, noise, last);
        quads[Place<TShape>(thread)] = first;
        quads[Place<TShape>(thread + FusedKernels.Threads)] = second;
        if (thread + 2 * FusedKernels.Threads == last)
        {
            quads[Place<TShape>(last)] = third;
        }
    }

    /// <summary>A row of an image, or of the border above or below it.</summary>
    /// <param name="quads">The tile's memory.</param>
    /// <param name="place">The example.</param>
    /// <param name="row">The row, -2 to 17.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns16 Row<TShape>(ArrayView<Columns4> quads, int place, int row)
        where TShape : struct, IShape
    {
        int first = Tile<TShape>.Images + place * Tile<TShape>.ImageQuads + row * Tile<TShape>.ImageRowQuads;
        ArrayView<Columns4> image = quads.SubView((uint)row < Shape1989.InputSize ? first : Tile<TShape>.Border);
        return Columns16.Load(image);
    }

    /// <summary>Where a quad of the tile's images lies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place<TShape>(int quad)
        where TShape : struct, IShape =>
        Tile<TShape>.Images + quad.Over(ImageQuads) * Tile<TShape>.ImageQuads + quad.Modulo(ImageQuads);

    /// <summary>Four pixels of a row, of which a roll may have come round its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns4 Quad(FusedBatch batch, int start, Noise noise, int quad)
    {
        int example = Math.Min(start + quad.Over(ImageQuads), batch.Count - 1);
        int pixel = quad.Modulo(ImageQuads) * 4;
        if (noise.MaximumShift == 0)
        {
            return batch.Pixels(example, pixel);
        }

        noise.Shift(batch.First + example, out int rows, out int columns);
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
