using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
        Vector128<float> sums = SumsOfFour(Quarter(value0), Quarter(value1), Quarter(value2), Quarter(value3));
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
            for (int example = 0; example < examples; example++)
            {
                for (int column = 0; column < ColumnsAtOnce; column++)
                {
                    turned[example * ColumnsAtOnce + column] =
                        column < count ? columns[(nint)(first + column) * examples + example] : 0f;
                }
            }

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
                    for (int column = 0; column < count; column++)
                    {
                        to[column] += from[column];
                    }
                }
            }
        }
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quarter(Wide value)
    {
        Vector256<float> half = value.GetLower() + value.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> SumsOfFour(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        // Twice a step of a transposition with an addition: (a0+a2, b0+b2, a1+a3, b1+b3), then the same of two such.
        Vector128<float> ab = Interleave(a, b, upper: false) + Interleave(a, b, upper: true);
        Vector128<float> cd = Interleave(c, d, upper: false) + Interleave(c, d, upper: true);
        Vector128<double> abPairs = ab.AsDouble();
        Vector128<double> cdPairs = cd.AsDouble();
        Vector128<float> first = Vector128.Create(abPairs.GetLower(), cdPairs.GetLower()).AsSingle();
        Vector128<float> second = Vector128.Create(abPairs.GetUpper(), cdPairs.GetUpper()).AsSingle();
        return first + second;
    }

    /// <summary>Lanes of two vectors in turn: of their lower halves, (a0, b0, a1, b1), or of their upper ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Interleave(Vector128<float> a, Vector128<float> b, bool upper)
    {
        if (System.Runtime.Intrinsics.X86.Sse.IsSupported)
        {
            return upper
                ? System.Runtime.Intrinsics.X86.Sse.UnpackHigh(a, b)
                : System.Runtime.Intrinsics.X86.Sse.UnpackLow(a, b);
        }

        return upper ? Vector128.Create(a[2], b[2], a[3], b[3]) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }
}
