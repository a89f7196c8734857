using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Numbers;

/// <summary>Sums over lanes, several at a time: one alone would leave most of a vector idle.</summary>
internal static unsafe class LaneProducts
{
    private const int Width = 16;
    private const int ColumnsAtOnce = 2 * Width;
    private const int RowsAtOnce = 8;
    private const int MostExamples = 32;

    /// <summary>Adds the sums of four vectors to four weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddSums(Wide value0, Wide value1, Wide value2, Wide value3, float* weights, nint stride)
    {
        Vector128<float> sums = Sums(value0, value1, value2, value3);
        weights[0] += sums[0];
        weights[stride] += sums[1];
        weights[2 * stride] += sums[2];
        weights[3 * stride] += sums[3];
    }

    /// <summary>
    /// weights += rowsᵀ columns, summed over the examples. The columns are turned round first, so that a vector holds the
    /// columns of one example; then no sum crosses lanes.
    /// </summary>
    /// <param name="rows">(rows, examples).</param>
    /// <param name="rowCount">How many rows.</param>
    /// <param name="columns">(columns, examples).</param>
    /// <param name="columnCount">How many columns.</param>
    /// <param name="examples">16 or 32.</param>
    /// <param name="weights">(rows, columns).</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* rows, int rowCount, float* columns, int columnCount, int examples, float* weights)
    {
        float* turned = stackalloc float[MostExamples * ColumnsAtOnce];
        float* sums = stackalloc float[RowsAtOnce * ColumnsAtOnce];
        for (int first = 0; first < columnCount; first += ColumnsAtOnce)
        {
            int count = Math.Min(ColumnsAtOnce, columnCount - first);
            Turn(columns + (nint)first * examples, count, examples, turned);
            for (int row = 0; row < rowCount; row += RowsAtOnce)
            {
                int rowsHere = Math.Min(RowsAtOnce, rowCount - row);
                float* from = rows + (nint)row * examples;
                if (rowsHere > 4 && Avx512F.IsSupported)
                {
                    EightRows(from, rowsHere, turned, examples, sums);
                }
                else
                {
                    FourRows(from, Math.Min(4, rowsHere), turned, examples, sums);
                    if (rowsHere > 4)
                    {
                        FourRows(from + 4 * (nint)examples, rowsHere - 4, turned, examples, sums + 4 * ColumnsAtOnce);
                    }
                }

                for (int i = 0; i < rowsHere; i++)
                {
                    Add(sums + i * ColumnsAtOnce, weights + (nint)(row + i) * columnCount + first, count);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* from, float* to, int count)
    {
        int i = 0;
        for (; i + 4 <= count; i += 4)
        {
            (Vector128.Load(to + i) + Vector128.Load(from + i)).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] += from[i];
        }
    }

    /// <summary>(columns, examples) to (examples, 32), the columns beyond the last being 0.</summary>
    private static void Turn(float* columns, int count, int examples, float* turned)
    {
        if (count == ColumnsAtOnce)
        {
            Transposition.Turn(columns, count, examples, turned);
            return;
        }

        float* padded = stackalloc float[MostExamples * ColumnsAtOnce];
        new Span<float>(columns, count * examples).CopyTo(new Span<float>(padded, count * examples));
        new Span<float>(padded + count * examples, (ColumnsAtOnce - count) * examples).Clear();
        Transposition.Turn(padded, ColumnsAtOnce, examples, turned);
    }

    /// <summary>The sums of up to four rows; rows beyond the last are the last once more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(float* rows, int rowCount, float* turned, int examples, float* sums)
    {
        float* row0 = rows;
        float* row1 = rows + (nint)Math.Min(1, rowCount - 1) * examples;
        float* row2 = rows + (nint)Math.Min(2, rowCount - 1) * examples;
        float* row3 = rows + (nint)Math.Min(3, rowCount - 1) * examples;
        Wide sum00 = default, sum01 = default;
        Wide sum10 = default, sum11 = default;
        Wide sum20 = default, sum21 = default;
        Wide sum30 = default, sum31 = default;
        for (int example = 0; example < examples; example++)
        {
            Wide left = Vector512.Load(turned + example * ColumnsAtOnce);
            Wide right = Vector512.Load(turned + example * ColumnsAtOnce + Width);
            Wide row = Vector512.Create(row0[example]);
            sum00 = Vector512.MultiplyAddEstimate(left, row, sum00);
            sum01 = Vector512.MultiplyAddEstimate(right, row, sum01);
            row = Vector512.Create(row1[example]);
            sum10 = Vector512.MultiplyAddEstimate(left, row, sum10);
            sum11 = Vector512.MultiplyAddEstimate(right, row, sum11);
            row = Vector512.Create(row2[example]);
            sum20 = Vector512.MultiplyAddEstimate(left, row, sum20);
            sum21 = Vector512.MultiplyAddEstimate(right, row, sum21);
            row = Vector512.Create(row3[example]);
            sum30 = Vector512.MultiplyAddEstimate(left, row, sum30);
            sum31 = Vector512.MultiplyAddEstimate(right, row, sum31);
        }

        sum00.Store(sums);
        sum01.Store(sums + Width);
        sum10.Store(sums + ColumnsAtOnce);
        sum11.Store(sums + ColumnsAtOnce + Width);
        sum20.Store(sums + 2 * ColumnsAtOnce);
        sum21.Store(sums + 2 * ColumnsAtOnce + Width);
        sum30.Store(sums + 3 * ColumnsAtOnce);
        sum31.Store(sums + 3 * ColumnsAtOnce + Width);
    }

    /// <summary>The sums of up to eight rows, for which there are registers enough where vectors have sixteen lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightRows(float* rows, int rowCount, float* turned, int examples, float* sums)
    {
        float* row0 = rows;
        float* row1 = rows + (nint)Math.Min(1, rowCount - 1) * examples;
        float* row2 = rows + (nint)Math.Min(2, rowCount - 1) * examples;
        float* row3 = rows + (nint)Math.Min(3, rowCount - 1) * examples;
        float* row4 = rows + (nint)Math.Min(4, rowCount - 1) * examples;
        float* row5 = rows + (nint)Math.Min(5, rowCount - 1) * examples;
        float* row6 = rows + (nint)Math.Min(6, rowCount - 1) * examples;
        float* row7 = rows + (nint)Math.Min(7, rowCount - 1) * examples;
        Wide sum00 = default, sum01 = default;
        Wide sum10 = default, sum11 = default;
        Wide sum20 = default, sum21 = default;
        Wide sum30 = default, sum31 = default;
        Wide sum40 = default, sum41 = default;
        Wide sum50 = default, sum51 = default;
        Wide sum60 = default, sum61 = default;
        Wide sum70 = default, sum71 = default;
        for (int example = 0; example < examples; example++)
        {
            Wide left = Vector512.Load(turned + example * ColumnsAtOnce);
            Wide right = Vector512.Load(turned + example * ColumnsAtOnce + Width);
            Wide row = Vector512.Create(row0[example]);
            sum00 = Vector512.MultiplyAddEstimate(left, row, sum00);
            sum01 = Vector512.MultiplyAddEstimate(right, row, sum01);
            row = Vector512.Create(row1[example]);
            sum10 = Vector512.MultiplyAddEstimate(left, row, sum10);
            sum11 = Vector512.MultiplyAddEstimate(right, row, sum11);
            row = Vector512.Create(row2[example]);
            sum20 = Vector512.MultiplyAddEstimate(left, row, sum20);
            sum21 = Vector512.MultiplyAddEstimate(right, row, sum21);
            row = Vector512.Create(row3[example]);
            sum30 = Vector512.MultiplyAddEstimate(left, row, sum30);
            sum31 = Vector512.MultiplyAddEstimate(right, row, sum31);
            row = Vector512.Create(row4[example]);
            sum40 = Vector512.MultiplyAddEstimate(left, row, sum40);
            sum41 = Vector512.MultiplyAddEstimate(right, row, sum41);
            row = Vector512.Create(row5[example]);
            sum50 = Vector512.MultiplyAddEstimate(left, row, sum50);
            sum51 = Vector512.MultiplyAddEstimate(right, row, sum51);
            row = Vector512.Create(row6[example]);
            sum60 = Vector512.MultiplyAddEstimate(left, row, sum60);
            sum61 = Vector512.MultiplyAddEstimate(right, row, sum61);
            row = Vector512.Create(row7[example]);
            sum70 = Vector512.MultiplyAddEstimate(left, row, sum70);
            sum71 = Vector512.MultiplyAddEstimate(right, row, sum71);
        }

        sum00.Store(sums);
        sum01.Store(sums + Width);
        sum10.Store(sums + ColumnsAtOnce);
        sum11.Store(sums + ColumnsAtOnce + Width);
        sum20.Store(sums + 2 * ColumnsAtOnce);
        sum21.Store(sums + 2 * ColumnsAtOnce + Width);
        sum30.Store(sums + 3 * ColumnsAtOnce);
        sum31.Store(sums + 3 * ColumnsAtOnce + Width);
        sum40.Store(sums + 4 * ColumnsAtOnce);
        sum41.Store(sums + 4 * ColumnsAtOnce + Width);
        sum50.Store(sums + 5 * ColumnsAtOnce);
        sum51.Store(sums + 5 * ColumnsAtOnce + Width);
        sum60.Store(sums + 6 * ColumnsAtOnce);
        sum61.Store(sums + 6 * ColumnsAtOnce + Width);
        sum70.Store(sums + 7 * ColumnsAtOnce);
        sum71.Store(sums + 7 * ColumnsAtOnce + Width);
    }

    /// <summary>The sums of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(Wide value0, Wide value1, Wide value2, Wide value3) => Sums(
        value0.GetLower() + value0.GetUpper(), value1.GetLower() + value1.GetUpper(),
        value2.GetLower() + value2.GetUpper(), value3.GetLower() + value3.GetUpper());

    /// <summary>The sums of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sums(
        Vector256<float> value0, Vector256<float> value1, Vector256<float> value2, Vector256<float> value3) => SumsOfFour(
        value0.GetLower() + value0.GetUpper(), value1.GetLower() + value1.GetUpper(),
        value2.GetLower() + value2.GetUpper(), value3.GetLower() + value3.GetUpper());

    /// <summary>Of each of four vectors the sums of its four quarters, one after the other: (vectors, 4).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide Quarters(Wide value0, Wide value1, Wide value2, Wide value3)
    {
        Wide halves01 = Avx512F.Shuffle4x128(value0, value1, 0x44) + Avx512F.Shuffle4x128(value0, value1, 0xEE);
        Wide halves23 = Avx512F.Shuffle4x128(value2, value3, 0x44) + Avx512F.Shuffle4x128(value2, value3, 0xEE);
        return Avx512F.Shuffle4x128(halves01, halves23, 0x88) + Avx512F.Shuffle4x128(halves01, halves23, 0xDD);
    }

    /// <summary>What is left to do after four times <see cref="Quarters"/>: sixteen sums, (vectors, rows of them).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Wide SumsOfQuarters(Wide row0, Wide row1, Wide row2, Wide row3)
    {
        Vector512<double> low = (Avx512F.UnpackLow(row0, row1) + Avx512F.UnpackHigh(row0, row1)).AsDouble();
        Vector512<double> high = (Avx512F.UnpackLow(row2, row3) + Avx512F.UnpackHigh(row2, row3)).AsDouble();
        return Avx512F.UnpackLow(low, high).AsSingle() + Avx512F.UnpackHigh(low, high).AsSingle();
    }

    /// <summary>The sums of four vectors: twice a step of a transposition with an addition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SumsOfFour(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (Sse.IsSupported)
        {
            // (a0+a2, b0+b2, a1+a3, b1+b3), and of c and d likewise.
            Vector128<float> ab = Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b);
            Vector128<float> cd = Sse.UnpackLow(c, d) + Sse.UnpackHigh(c, d);
            return Sse.MoveLowToHigh(ab, cd) + Sse.MoveHighToLow(cd, ab);
        }

        return Vector128.Create(Vector128.Sum(a), Vector128.Sum(b), Vector128.Sum(c), Vector128.Sum(d));
    }
}
