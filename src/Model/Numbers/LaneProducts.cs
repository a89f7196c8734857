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
        float* sums = stackalloc float[4 * ColumnsAtOnce];
        for (int first = 0; first < columnCount; first += ColumnsAtOnce)
        {
            int count = Math.Min(ColumnsAtOnce, columnCount - first);
            Turn(columns + (nint)first * examples, count, examples, turned);
            for (int row = 0; row < rowCount; row += 4)
            {
                // Rows beyond the last are the last once more, and are not written.
                int rowsHere = Math.Min(4, rowCount - row);
                float* row0 = rows + (nint)row * examples;
                float* row1 = rows + (nint)(row + Math.Min(1, rowsHere - 1)) * examples;
                float* row2 = rows + (nint)(row + Math.Min(2, rowsHere - 1)) * examples;
                float* row3 = rows + (nint)(row + Math.Min(3, rowsHere - 1)) * examples;
                FourRows(row0, row1, row2, row3, turned, examples, sums);
                for (int i = 0; i < rowsHere; i++)
                {
                    float* to = weights + (nint)(row + i) * columnCount + first;
                    float* from = sums + i * ColumnsAtOnce;
                    int column = 0;
                    for (; column + 4 <= count; column += 4)
                    {
                        (Vector128.Load(to + column) + Vector128.Load(from + column)).Store(to + column);
                    }

                    for (; column < count; column++)
                    {
                        to[column] += from[column];
                    }
                }
            }
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FourRows(
        float* row0, float* row1, float* row2, float* row3, float* turned, int examples, float* sums)
    {
        Wide sum00 = Wide.Zero;
        Wide sum01 = Wide.Zero;
        Wide sum10 = Wide.Zero;
        Wide sum11 = Wide.Zero;
        Wide sum20 = Wide.Zero;
        Wide sum21 = Wide.Zero;
        Wide sum30 = Wide.Zero;
        Wide sum31 = Wide.Zero;
        for (int example = 0; example < examples; example++)
        {
            Wide left = Vector512.Load(turned + example * ColumnsAtOnce);
            Wide right = Vector512.Load(turned + example * ColumnsAtOnce + Width);
            sum00 = Vector512.MultiplyAddEstimate(left, Vector512.Create(row0[example]), sum00);
            sum01 = Vector512.MultiplyAddEstimate(right, Vector512.Create(row0[example]), sum01);
            sum10 = Vector512.MultiplyAddEstimate(left, Vector512.Create(row1[example]), sum10);
            sum11 = Vector512.MultiplyAddEstimate(right, Vector512.Create(row1[example]), sum11);
            sum20 = Vector512.MultiplyAddEstimate(left, Vector512.Create(row2[example]), sum20);
            sum21 = Vector512.MultiplyAddEstimate(right, Vector512.Create(row2[example]), sum21);
            sum30 = Vector512.MultiplyAddEstimate(left, Vector512.Create(row3[example]), sum30);
            sum31 = Vector512.MultiplyAddEstimate(right, Vector512.Create(row3[example]), sum31);
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
