using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// Where a group of threads has what it knows of a tile's eight examples, in floats: 45,888 bytes. A cell is a unit of four
/// neighbouring maps, sixteen bytes.
/// </summary>
/// <remarks>
/// <para>
/// Of H1, a quarter is four maps: (quarters, examples, 8 rows, 10 cells). A row is the even columns -2 to 6, then the odd ones -1 to 7:
/// so the units that one kernel tap lies over, every other column, are neighbours. Columns -2 and -1 are the border, and the latter
/// stands for column 8 too. Neighbouring rows are 8 banks apart, every other example 16.
/// </para>
/// <para>
/// Of H2: (groups of four maps, examples, 4 rows, 6 cells), a row of a zero, four units and a zero: what lies beside the units reads as 0
/// on the way back. Rows 0 and 2 lie in different banks, so do 1 and 3, and every other example. H3 and the outputs lie where
/// <see cref="Tile"/> has them, for its stages serve here too. The images, (examples, 20 rows, 20 columns), lie over H2, H3 and the
/// outputs: a row is its pixels and four of the border, the last two of which are what lies before the next row's pixels as well.
/// </para>
/// </remarks>
internal static class TensorTile
{
    /// <summary>Floats of a row of H1.</summary>
    public const int H1Row = 40;

    /// <summary>Floats of a quarter of an example's H1, with two cells more, so that every other example lies in other banks.</summary>
    public const int H1Example = Shape1989.H1Size * H1Row + 2 * Cell;

    /// <summary>From an even column to the odd one behind it.</summary>
    public const int OddColumn = 20;

    /// <summary>Floats of a row of H2.</summary>
    public const int H2Row = 24;

    /// <summary>Floats of a group of an example's H2, with two cells more, as of H1.</summary>
    public const int H2Example = Shape1989.H2Size * H2Row + 2 * Cell;

    /// <summary>Floats of a row of an image: its pixels, and a cell of the border, which is before the next row as well.</summary>
    public const int ImageRow = Shape1989.InputSize + Cell;

    /// <summary>Rows of an image between its borders.</summary>
    public const int ImageRows = Shape1989.InputSize + 2 * Shape1989.Padding;

    /// <summary>Floats of an image.</summary>
    public const int Image = ImageRows * ImageRow;

    /// <summary>Floats of a cell.</summary>
    public const int Cell = 4;

    /// <summary>Quarters of H1, and groups of H2.</summary>
    public const int Quarters = Shape1989.H1Maps / Cell;

    /// <summary>Where H1 begins.</summary>
    public const int H1 = 0;

    /// <summary>Where the images begin, with a cell of the border before the first.</summary>
    public const int Images = H1 + Quarters * H1Quarter + Cell;

    /// <summary>Floats of a quarter of H1.</summary>
    public const int H1Quarter = Tile.Examples * H1Example;

    /// <summary>Floats of a group of H2: so many more, and two groups lie in different banks.</summary>
    public const int H2Group = Tile.Examples * H2Example + 4 * Cell;

    /// <summary>Cells of a group of H2 that are 0: what is beside an example's units.</summary>
    public const int H2Zeros = Tile.Examples * ZerosOfExample;

    private const int ZerosOfExample = 2 * Shape1989.H2Size;

    /// <summary>Parts that the sums of H3 are formed in: one per half of H2.</summary>
    public const int H3Parts = 2;

    /// <summary>Where H2 begins: behind the outputs.</summary>
    public static int H2 => Tile.Output(Tile.Examples) * Cell;

    /// <summary>All of it, in float4s.</summary>
    public static int Float4s => Math.Max(Images + Tile.Examples * Image, H2 + Quarters * H2Group) / Cell;

    /// <summary>Where a pixel is.</summary>
    /// <param name="place">The example.</param>
    /// <param name="row">The row, 0 for the first of the border.</param>
    /// <param name="column">The column, from -2 on, where the border begins.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Pixel(int place, int row, int column) => Images + place * Image + row * ImageRow + column;

    /// <summary>Where a unit of a quarter of H1 is.</summary>
    /// <param name="quarter">The quarter.</param>
    /// <param name="place">The example.</param>
    /// <param name="row">The row.</param>
    /// <param name="pair">Which two neighbouring columns, 0 to 3.</param>
    /// <param name="odd">Which of the two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H1Cell(int quarter, int place, int row, int pair, int odd) =>
        H1 + quarter * H1Quarter + place * H1Example + row * H1Row + (pair + 1) * Cell + odd * OddColumn;

    /// <summary>Where a unit of a group of H2 is.</summary>
    /// <param name="group">The group.</param>
    /// <param name="place">The example.</param>
    /// <param name="row">The row.</param>
    /// <param name="column">The column.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H2Cell(int group, int place, int row, int column) =>
        H2 + group * H2Group + place * H2Example + row * H2Row + (column + 1) * Cell;

    /// <summary>Where a cell of a group of H2 is that is 0.</summary>
    /// <param name="group">The group.</param>
    /// <param name="zero">Which.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H2Zero(int group, int zero)
    {
        int ofExample = zero.Modulo(ZerosOfExample);
        return H2Cell(group, zero.Over(ZerosOfExample), ofExample >> 1, (ofExample & 1) * (Shape1989.H2Size + 1) - 1);
    }

    /// <summary>Where a part of the sums of four units of H3 is, in float4s; see <see cref="Tile.H3Part"/>.</summary>
    /// <param name="part">Which part.</param>
    /// <param name="place">The example.</param>
    /// <param name="block">Which four units.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H3Part(int part, int place, int block) =>
        Images / Cell + Tile.H3Part(part, place, block) - Tile.Parts;

    /// <summary>The group of H2 that a quarter of H1 comes first for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FirstGroup(int quarter) => quarter;

    /// <summary>The other group that reads it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SecondGroup(int quarter) => quarter == 0 ? Quarters - 1 : quarter - 1;
}
