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
            Wide512(tiles);
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

    /// <summary>In vectors of sixteen: two tiles with the same pairs together, where they follow each other.</summary>
    private static void Wide512<TReal>(in PairTiles<TReal, float> tiles)
        where TReal : unmanaged
    {
        PairTile* end = tiles.Tiles + tiles.Count;
        for (PairTile* tile = tiles.Tiles; tile < end;)
        {
            PairTile* first = tile;
            while (tile + 1 < end && tile[1].FirstPair == tile->FirstPair)
            {
                tile += 2;
            }

            FourByFour(tiles, first, tile);
            first = tile;
            while (tile < end && (tile + 1 == end || tile[1].FirstPair != tile->FirstPair))
            {
                tile++;
            }

            FourByTwo(tiles, first, tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByFour<TReal>(in PairTiles<TReal, float> tiles, PairTile* first, PairTile* end)
        where TReal : unmanaged
    {
        float* row0 = Row(tiles, 0);
        float* row1 = Row(tiles, 1);
        float* row2 = Row(tiles, 2);
        float* row3 = Row(tiles, 3);
        float* start = (float*)tiles.Columns;
        float* weights = tiles.Weights;
        int rowCount = tiles.RowCount;
        for (PairTile* tile = first; tile < end; tile += 2)
        {
            float* column0 = start + tile[0].Column0 * (nint)(2 * Width);
            float* column1 = start + tile[0].Column1 * (nint)(2 * Width);
            float* column2 = start + tile[1].Column0 * (nint)(2 * Width);
            float* column3 = start + tile[1].Column1 * (nint)(2 * Width);
            int* rowOf = tiles.RowOf + tile->FirstPair;
            int* columnOf = tiles.ColumnOf + tile->FirstPair;
            int pairs = tile->PairCount;
            Wide sum00 = default, sum01 = default, sum02 = default, sum03 = default;
            Wide sum10 = default, sum11 = default, sum12 = default, sum13 = default;
            Wide sum20 = default, sum21 = default, sum22 = default, sum23 = default;
            Wide sum30 = default, sum31 = default, sum32 = default, sum33 = default;
            for (int i = 0; i < pairs; i++)
            {
                nint columns = columnOf[i] * (nint)(2 * Width);
                nint rows = rowOf[i] * (nint)(2 * Width);
                Wide value0 = Vector512.Load(column0 + columns);
                Wide value1 = Vector512.Load(column1 + columns);
                Wide value2 = Vector512.Load(column2 + columns);
                Wide value3 = Vector512.Load(column3 + columns);
                Wide row = Vector512.Load(row0 + rows);
                sum00 = Vector512.MultiplyAddEstimate(row, value0, sum00);
                sum01 = Vector512.MultiplyAddEstimate(row, value1, sum01);
                sum02 = Vector512.MultiplyAddEstimate(row, value2, sum02);
                sum03 = Vector512.MultiplyAddEstimate(row, value3, sum03);
                row = Vector512.Load(row1 + rows);
                sum10 = Vector512.MultiplyAddEstimate(row, value0, sum10);
                sum11 = Vector512.MultiplyAddEstimate(row, value1, sum11);
                sum12 = Vector512.MultiplyAddEstimate(row, value2, sum12);
                sum13 = Vector512.MultiplyAddEstimate(row, value3, sum13);
                row = Vector512.Load(row2 + rows);
                sum20 = Vector512.MultiplyAddEstimate(row, value0, sum20);
                sum21 = Vector512.MultiplyAddEstimate(row, value1, sum21);
                sum22 = Vector512.MultiplyAddEstimate(row, value2, sum22);
                sum23 = Vector512.MultiplyAddEstimate(row, value3, sum23);
                row = Vector512.Load(row3 + rows);
                sum30 = Vector512.MultiplyAddEstimate(row, value0, sum30);
                sum31 = Vector512.MultiplyAddEstimate(row, value1, sum31);
                sum32 = Vector512.MultiplyAddEstimate(row, value2, sum32);
                sum33 = Vector512.MultiplyAddEstimate(row, value3, sum33);
                value0 = Vector512.Load(column0 + columns + Width);
                value1 = Vector512.Load(column1 + columns + Width);
                value2 = Vector512.Load(column2 + columns + Width);
                value3 = Vector512.Load(column3 + columns + Width);
                row = Vector512.Load(row0 + rows + Width);
                sum00 = Vector512.MultiplyAddEstimate(row, value0, sum00);
                sum01 = Vector512.MultiplyAddEstimate(row, value1, sum01);
                sum02 = Vector512.MultiplyAddEstimate(row, value2, sum02);
                sum03 = Vector512.MultiplyAddEstimate(row, value3, sum03);
                row = Vector512.Load(row1 + rows + Width);
                sum10 = Vector512.MultiplyAddEstimate(row, value0, sum10);
                sum11 = Vector512.MultiplyAddEstimate(row, value1, sum11);
                sum12 = Vector512.MultiplyAddEstimate(row, value2, sum12);
                sum13 = Vector512.MultiplyAddEstimate(row, value3, sum13);
                row = Vector512.Load(row2 + rows + Width);
                sum20 = Vector512.MultiplyAddEstimate(row, value0, sum20);
                sum21 = Vector512.MultiplyAddEstimate(row, value1, sum21);
                sum22 = Vector512.MultiplyAddEstimate(row, value2, sum22);
                sum23 = Vector512.MultiplyAddEstimate(row, value3, sum23);
                row = Vector512.Load(row3 + rows + Width);
                sum30 = Vector512.MultiplyAddEstimate(row, value0, sum30);
                sum31 = Vector512.MultiplyAddEstimate(row, value1, sum31);
                sum32 = Vector512.MultiplyAddEstimate(row, value2, sum32);
                sum33 = Vector512.MultiplyAddEstimate(row, value3, sum33);
            }

            Wide sums = LaneProducts.SumsOfQuarters(
                LaneProducts.Quarters(sum00, sum01, sum02, sum03), LaneProducts.Quarters(sum10, sum11, sum12, sum13),
                LaneProducts.Quarters(sum20, sum21, sum22, sum23), LaneProducts.Quarters(sum30, sum31, sum32, sum33));
            AddColumn(sums.GetLower().GetLower(), weights + tile[0].Weight0 * rowCount, rowCount);
            AddColumn(sums.GetLower().GetUpper(), weights + tile[0].Weight1 * rowCount, rowCount);
            AddColumn(sums.GetUpper().GetLower(), weights + tile[1].Weight0 * rowCount, rowCount);
            if (tile[1].Weight1 >= 0)
            {
                AddColumn(sums.GetUpper().GetUpper(), weights + tile[1].Weight1 * rowCount, rowCount);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourByTwo<TReal>(in PairTiles<TReal, float> tiles, PairTile* first, PairTile* end)
        where TReal : unmanaged
    {
        float* row0 = Row(tiles, 0);
        float* row1 = Row(tiles, 1);
        float* row2 = Row(tiles, 2);
        float* row3 = Row(tiles, 3);
        float* start = (float*)tiles.Columns;
        float* weights = tiles.Weights;
        int rowCount = tiles.RowCount;
        for (PairTile* tile = first; tile < end; tile++)
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
