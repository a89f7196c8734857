using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A tile's images, rolled as the step's noise says, with their border at the left and the right.</summary>
internal static class TileImages
{
    private const int Last = Shape1989.InputSize - 1;

    /// <summary>From (256, count) in memory to (Examples, 16 rows, 5 quads) in the tile. Examples beyond
    /// the last repeat it. A thread: a row of an image, whose pixels it asks for all at once.</summary>
    /// <param name="thread">The thread's number in its group.</param>
    /// <param name="batch">The images.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="noise">How images are rolled.</param>
    /// <param name="quads">The tile's memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<TShape>(int thread, FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads)
        where TShape : struct, IShape
    {
        for (int task = thread; task < Tile<TShape>.Examples * Shape1989.InputSize; task += FusedKernels.Threads)
        {
            int place = task.Modulo(Tile<TShape>.Examples);
            int row = task.Over(Tile<TShape>.Examples);
            int example = Math.Min(start + place, batch.Count - 1);
            noise.Shift(batch.First + example, out int rows, out int columns);
            int pixels = ((row - rows) & Last) * Shape1989.InputSize;
            Columns4 columns0 = Load(batch, example, pixels, -columns);
            Columns4 columns4 = Load(batch, example, pixels, 4 - columns);
            Columns4 columns8 = Load(batch, example, pixels, 8 - columns);
            Columns4 columns12 = Load(batch, example, pixels, 12 - columns);
            const float Border = Shape1989.PaddingValue;
            ArrayView<Columns4> image = quads.SubView(
                Tile<TShape>.Images + place * Tile<TShape>.ImageQuads + row * Tile<TShape>.ImageRowQuads);
            image[0] = new() { C0 = Border, C1 = Border, C2 = columns0.C0, C3 = columns0.C1 };
            image[1] = new() { C0 = columns0.C2, C1 = columns0.C3, C2 = columns4.C0, C3 = columns4.C1 };
            image[2] = new() { C0 = columns4.C2, C1 = columns4.C3, C2 = columns8.C0, C3 = columns8.C1 };
            image[3] = new() { C0 = columns8.C2, C1 = columns8.C3, C2 = columns12.C0, C3 = columns12.C1 };
            image[4] = new() { C0 = columns12.C2, C1 = columns12.C3, C2 = Border, C3 = Border };
        }
    }

    /// <summary>A row of an image, or of the border above or below it.</summary>
    /// <param name="quads">The tile's memory.</param>
    /// <param name="place">The example.</param>
    /// <param name="row">The row, -2 to 17.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns20 Row<TShape>(ArrayView<Columns4> quads, int place, int row)
        where TShape : struct, IShape
    {
        int first = Tile<TShape>.Images + place * Tile<TShape>.ImageQuads + row * Tile<TShape>.ImageRowQuads;
        ArrayView<Columns4> image = quads.SubView((uint)row < Shape1989.InputSize ? first : Tile<TShape>.Border);
        return new Columns20 { Q0 = image[0], Q1 = image[1], Q2 = image[2], Q3 = image[3], Q4 = image[4] };
    }

    /// <summary>Four pixels of a row, round its end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns4 Load(FusedBatch batch, int example, int row, int column) => new()
    {
        C0 = batch.Pixel(example, row + (column & Last)),
        C1 = batch.Pixel(example, row + ((column + 1) & Last)),
        C2 = batch.Pixel(example, row + ((column + 2) & Last)),
        C3 = batch.Pixel(example, row + ((column + 3) & Last)),
    };
}
