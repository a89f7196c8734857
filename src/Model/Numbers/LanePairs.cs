using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Narrow = System.Runtime.Intrinsics.Vector256<float>;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// A <see cref="PairTile{TReal, TWeight}"/> in lanes: its sums stay in registers over all pairs and examples, and cross lanes
/// once, in the end.
/// </summary>
internal static unsafe class LanePairs
{
    private const int Width = 16;

    /// <summary>Adds a tile's sums to its weights.</summary>
    /// <param name="tile">The tile, in numbers of a few examples each.</param>
    /// <param name="examples">How many: 16 or 32.</param>
    public static void Add<TReal>(in PairTile<TReal, float> tile, int examples)
        where TReal : unmanaged
    {
        float* sums = stackalloc float[2 * PairTile<TReal, float>.Side];
        for (int column = 0; column < tile.ColumnCount; column += 2)
        {
            if (Avx512F.IsSupported && examples == 2 * Width)
            {
                FourByTwo(tile, column, sums);
            }
            else
            {
                FourByTwoNarrow(tile, column, examples, sums);
            }

            Scatter(tile, column, Math.Min(2, tile.ColumnCount - column), sums);
        }
    }

    /// <summary>A row, or the last one once more beyond it: what it sums up is not written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Row<TReal>(in PairTile<TReal, float> tile, int row)
        where TReal : unmanaged => (float*)(tile.Rows + Math.Min(row, tile.RowCount - 1) * tile.RowStep);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Column<TReal>(in PairTile<TReal, float> tile, int column)
        where TReal : unmanaged => (float*)tile.Columns[Math.Min(column, tile.ColumnCount - 1)];

    /// <summary>Sums [column][row 4] to the weights.</summary>
    private static void Scatter<TReal>(in PairTile<TReal, float> tile, int first, int count, float* sums)
        where TReal : unmanaged
    {
        for (int column = 0; column < count; column++)
        {
            float* weight = tile.Weights[first + column];
            for (int row = 0; row < tile.RowCount; row++)
            {
                weight[row * tile.WeightStep] += sums[4 * column + row];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwo<TReal>(in PairTile<TReal, float> tile, int column, float* sums)
        where TReal : unmanaged
    {
        Wide low00 = default, low01 = default, low10 = default, low11 = default;
        Wide low20 = default, low21 = default, low30 = default, low31 = default;
        Wide high00 = default, high01 = default, high10 = default, high11 = default;
        Wide high20 = default, high21 = default, high30 = default, high31 = default;
        float* row0 = Row(tile, 0);
        float* row1 = Row(tile, 1);
        float* row2 = Row(tile, 2);
        float* row3 = Row(tile, 3);
        float* column0 = Column(tile, column);
        float* column1 = Column(tile, column + 1);
        int* rowOf = tile.RowOf;
        int* columnOf = tile.ColumnOf;
        int pairs = tile.Pairs;
        for (int i = 0; i < pairs; i++)
        {
            nint columns = columnOf[i] * (nint)(2 * Width);
            nint rows = rowOf[i] * (nint)(2 * Width);
            Wide low0 = Vector512.Load(column0 + columns);
            Wide high0 = Vector512.Load(column0 + columns + Width);
            Wide low1 = Vector512.Load(column1 + columns);
            Wide high1 = Vector512.Load(column1 + columns + Width);
            Wide low = Vector512.Load(row0 + rows);
            Wide high = Vector512.Load(row0 + rows + Width);
            low00 = Vector512.MultiplyAddEstimate(low, low0, low00);
            high00 = Vector512.MultiplyAddEstimate(high, high0, high00);
            low01 = Vector512.MultiplyAddEstimate(low, low1, low01);
            high01 = Vector512.MultiplyAddEstimate(high, high1, high01);
            low = Vector512.Load(row1 + rows);
            high = Vector512.Load(row1 + rows + Width);
            low10 = Vector512.MultiplyAddEstimate(low, low0, low10);
            high10 = Vector512.MultiplyAddEstimate(high, high0, high10);
            low11 = Vector512.MultiplyAddEstimate(low, low1, low11);
            high11 = Vector512.MultiplyAddEstimate(high, high1, high11);
            low = Vector512.Load(row2 + rows);
            high = Vector512.Load(row2 + rows + Width);
            low20 = Vector512.MultiplyAddEstimate(low, low0, low20);
            high20 = Vector512.MultiplyAddEstimate(high, high0, high20);
            low21 = Vector512.MultiplyAddEstimate(low, low1, low21);
            high21 = Vector512.MultiplyAddEstimate(high, high1, high21);
            low = Vector512.Load(row3 + rows);
            high = Vector512.Load(row3 + rows + Width);
            low30 = Vector512.MultiplyAddEstimate(low, low0, low30);
            high30 = Vector512.MultiplyAddEstimate(high, high0, high30);
            low31 = Vector512.MultiplyAddEstimate(low, low1, low31);
            high31 = Vector512.MultiplyAddEstimate(high, high1, high31);
        }

        LaneProducts.Sums(low00 + high00, low10 + high10, low20 + high20, low30 + high30).Store(sums);
        LaneProducts.Sums(low01 + high01, low11 + high11, low21 + high21, low31 + high31).Store(sums + 4);
    }

    /// <summary>The same in vectors of eight, of which a processor without wider ones has sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwoNarrow<TReal>(in PairTile<TReal, float> tile, int column, int examples, float* sums)
        where TReal : unmanaged
    {
        Narrow sum00 = default, sum01 = default, sum10 = default, sum11 = default;
        Narrow sum20 = default, sum21 = default, sum30 = default, sum31 = default;
        int* rowOf = tile.RowOf;
        int* columnOf = tile.ColumnOf;
        int pairs = tile.Pairs;
        nint step = examples;
        for (int part = 0; part < examples; part += Width / 2)
        {
            float* row0 = Row(tile, 0) + part;
            float* row1 = Row(tile, 1) + part;
            float* row2 = Row(tile, 2) + part;
            float* row3 = Row(tile, 3) + part;
            float* column0 = Column(tile, column) + part;
            float* column1 = Column(tile, column + 1) + part;
            for (int i = 0; i < pairs; i++)
            {
                nint columns = columnOf[i] * step;
                nint rows = rowOf[i] * step;
                Narrow value0 = Vector256.Load(column0 + columns);
                Narrow value1 = Vector256.Load(column1 + columns);
                Narrow row = Vector256.Load(row0 + rows);
                sum00 = Vector256.MultiplyAddEstimate(row, value0, sum00);
                sum01 = Vector256.MultiplyAddEstimate(row, value1, sum01);
                row = Vector256.Load(row1 + rows);
                sum10 = Vector256.MultiplyAddEstimate(row, value0, sum10);
                sum11 = Vector256.MultiplyAddEstimate(row, value1, sum11);
                row = Vector256.Load(row2 + rows);
                sum20 = Vector256.MultiplyAddEstimate(row, value0, sum20);
                sum21 = Vector256.MultiplyAddEstimate(row, value1, sum21);
                row = Vector256.Load(row3 + rows);
                sum30 = Vector256.MultiplyAddEstimate(row, value0, sum30);
                sum31 = Vector256.MultiplyAddEstimate(row, value1, sum31);
            }
        }

        LaneProducts.Sums(sum00, sum10, sum20, sum30).Store(sums);
        LaneProducts.Sums(sum01, sum11, sum21, sum31).Store(sums + 4);
    }
}
