using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Narrow = System.Runtime.Intrinsics.Vector256<float>;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// <see cref="PairTiles{TReal, TWeight}"/> in lanes: a tile's sums stay in registers over all pairs and examples, and cross
/// lanes once, in the end.
/// </summary>
internal static unsafe class LanePairs
{
    private const int Width = 16;

    /// <summary>Adds the tiles' sums to their weights.</summary>
    /// <param name="tiles">The tiles, in numbers of a few examples each.</param>
    /// <param name="examples">How many: 16 or 32.</param>
    public static void Add<TReal>(in PairTiles<TReal, float> tiles, int examples)
        where TReal : unmanaged
    {
        if (Avx512F.IsSupported && examples == 2 * Width)
        {
            FourByTwo(tiles);
        }
        else
        {
            FourByTwoNarrow(tiles, examples);
        }
    }

    /// <summary>A row, or the last one once more beyond it: what it sums up is not written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float* Row<TReal>(in PairTiles<TReal, float> tiles, int row)
        where TReal : unmanaged => (float*)(tiles.Rows + Math.Min(row, tiles.RowCount - 1) * tiles.RowStep);

    /// <summary>Adds a column's sums to its weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumn(Vector128<float> sums, float* weights, int rows)
    {
        if (rows == 4)
        {
            (Vector128.Load(weights) + sums).Store(weights);
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            weights[row] += sums[row];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwo<TReal>(in PairTiles<TReal, float> tiles)
        where TReal : unmanaged
    {
        float* row0 = Row(tiles, 0);
        float* row1 = Row(tiles, 1);
        float* row2 = Row(tiles, 2);
        float* row3 = Row(tiles, 3);
        float* start = (float*)tiles.Columns;
        float* weights = tiles.Weights;
        int rowCount = tiles.RowCount;
        PairTile* end = tiles.Tiles + tiles.Count;
        for (PairTile* tile = tiles.Tiles; tile < end; tile++)
        {
            float* column0 = start + tile->Column0 * (nint)(2 * Width);
            float* column1 = start + tile->Column1 * (nint)(2 * Width);
            int* rowOf = tiles.RowOf + tile->FirstPair;
            int* columnOf = tiles.ColumnOf + tile->FirstPair;
            int pairs = tile->PairCount;
            Wide sum00 = default, sum01 = default, sum10 = default, sum11 = default;
            Wide sum20 = default, sum21 = default, sum30 = default, sum31 = default;
            for (int i = 0; i < pairs; i++)
            {
                nint columns = columnOf[i] * (nint)(2 * Width);
                nint rows = rowOf[i] * (nint)(2 * Width);
                Wide value0 = Vector512.Load(column0 + columns);
                Wide value1 = Vector512.Load(column1 + columns);
                Wide row = Vector512.Load(row0 + rows);
                sum00 = Vector512.MultiplyAddEstimate(row, value0, sum00);
                sum01 = Vector512.MultiplyAddEstimate(row, value1, sum01);
                row = Vector512.Load(row1 + rows);
                sum10 = Vector512.MultiplyAddEstimate(row, value0, sum10);
                sum11 = Vector512.MultiplyAddEstimate(row, value1, sum11);
                row = Vector512.Load(row2 + rows);
                sum20 = Vector512.MultiplyAddEstimate(row, value0, sum20);
                sum21 = Vector512.MultiplyAddEstimate(row, value1, sum21);
                row = Vector512.Load(row3 + rows);
                sum30 = Vector512.MultiplyAddEstimate(row, value0, sum30);
                sum31 = Vector512.MultiplyAddEstimate(row, value1, sum31);
                value0 = Vector512.Load(column0 + columns + Width);
                value1 = Vector512.Load(column1 + columns + Width);
                row = Vector512.Load(row0 + rows + Width);
                sum00 = Vector512.MultiplyAddEstimate(row, value0, sum00);
                sum01 = Vector512.MultiplyAddEstimate(row, value1, sum01);
                row = Vector512.Load(row1 + rows + Width);
                sum10 = Vector512.MultiplyAddEstimate(row, value0, sum10);
                sum11 = Vector512.MultiplyAddEstimate(row, value1, sum11);
                row = Vector512.Load(row2 + rows + Width);
                sum20 = Vector512.MultiplyAddEstimate(row, value0, sum20);
                sum21 = Vector512.MultiplyAddEstimate(row, value1, sum21);
                row = Vector512.Load(row3 + rows + Width);
                sum30 = Vector512.MultiplyAddEstimate(row, value0, sum30);
                sum31 = Vector512.MultiplyAddEstimate(row, value1, sum31);
            }

            AddColumn(LaneProducts.Sums(sum00, sum10, sum20, sum30), weights + tile->Weight0 * rowCount, rowCount);
            if (tile->Weight1 >= 0)
            {
                AddColumn(LaneProducts.Sums(sum01, sum11, sum21, sum31), weights + tile->Weight1 * rowCount, rowCount);
            }
        }
    }

    /// <summary>The same in vectors of eight, of which a processor without wider ones has sixteen registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwoNarrow<TReal>(in PairTiles<TReal, float> tiles, int examples)
        where TReal : unmanaged
    {
        nint step = examples;
        int rowCount = tiles.RowCount;
        PairTile* end = tiles.Tiles + tiles.Count;
        for (PairTile* tile = tiles.Tiles; tile < end; tile++)
        {
            Narrow sum00 = default, sum01 = default, sum10 = default, sum11 = default;
            Narrow sum20 = default, sum21 = default, sum30 = default, sum31 = default;
            int* rowOf = tiles.RowOf + tile->FirstPair;
            int* columnOf = tiles.ColumnOf + tile->FirstPair;
            int pairs = tile->PairCount;
            for (int part = 0; part < examples; part += Width / 2)
            {
                float* row0 = Row(tiles, 0) + part;
                float* row1 = Row(tiles, 1) + part;
                float* row2 = Row(tiles, 2) + part;
                float* row3 = Row(tiles, 3) + part;
                float* column0 = (float*)tiles.Columns + tile->Column0 * step + part;
                float* column1 = (float*)tiles.Columns + tile->Column1 * step + part;
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

            AddColumn(LaneProducts.Sums(sum00, sum10, sum20, sum30), tiles.Weights + tile->Weight0 * rowCount, rowCount);
            if (tile->Weight1 >= 0)
            {
                AddColumn(LaneProducts.Sums(sum01, sum11, sum21, sum31), tiles.Weights + tile->Weight1 * rowCount, rowCount);
            }
        }
    }
}
