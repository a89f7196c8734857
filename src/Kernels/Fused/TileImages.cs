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
    /// <summary>From (256, count) in memory to (Examples, 16 rows, 5 quads) in the tile. Examples beyond the last repeat it.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="noise">How images are rolled.</param>
    /// <param name="quads">The tile's memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load<TShape>(FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads)
        where TShape : struct, IShape
    {
        const int Tasks = Tile<TShape>.Examples * Shape1989.InputSize * Tile<TShape>.ImageRowQuads;
        for (int task = Group.IdxX; task < Tasks; task += FusedKernels.Threads)
        {
            int place = task % Tile<TShape>.Examples;
            int row = task / Tile<TShape>.Examples % Shape1989.InputSize;
            int quad = task / (Tile<TShape>.Examples * Shape1989.InputSize);
            int example = Math.Min(start + place, batch.Count - 1);
            noise.Shift(batch.First + example, out int rows, out int columns);
            int pixels = ((row - rows) & (Shape1989.InputSize - 1)) * Shape1989.InputSize;
            int column = quad * 4 - Shape1989.Padding;
            quads[Tile<TShape>.Images + place * Tile<TShape>.ImageQuads + row * Tile<TShape>.ImageRowQuads + quad] = new()
            {
                C0 = Pixel(batch, example, pixels, column, columns),
                C1 = Pixel(batch, example, pixels, column + 1, columns),
                C2 = Pixel(batch, example, pixels, column + 2, columns),
                C3 = Pixel(batch, example, pixels, column + 3, columns),
            };
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
        if (row < 0 || row >= Shape1989.InputSize)
        {
            return Columns20.Border;
        }

        int first = Tile<TShape>.Images + place * Tile<TShape>.ImageQuads + row * Tile<TShape>.ImageRowQuads;
        return new Columns20
        {
            Q0 = quads[first],
            Q1 = quads[first + 1],
            Q2 = quads[first + 2],
            Q3 = quads[first + 3],
            Q4 = quads[first + 4],
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Pixel(FusedBatch batch, int example, int row, int column, int columns) =>
        column < 0 || column >= Shape1989.InputSize
            ? Shape1989.PaddingValue
            : batch.Pixel(example, row + ((column - columns) & (Shape1989.InputSize - 1)));
}
