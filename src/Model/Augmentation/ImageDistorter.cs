using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using GpuConvnet.Model.Randomness;
using static GpuConvnet.Model.Shape1989;
using Wide = System.Runtime.Intrinsics.Vector512<float>;
using WideInt = System.Runtime.Intrinsics.Vector512<int>;

namespace GpuConvnet.Model.Augmentation;

/// <summary>
/// Distorts images on the host: rolled first, as <see cref="Perturbation.Roll"/> does, then turned, scaled and bent, by bilinear
/// sampling with background outside. The kernels' twin is <c>Kernels/Layers/DistortionKernels</c>.
/// </summary>
internal static unsafe class ImageDistorter
{
    private const float PerPixel = 1f / AffineMap.Pixel;

    // A row of background above and one below: sampling needs no test for them.
    private const int PaddedRows = InputSize + 2;

    // One row more than the grid has: sixteen addresses are eight rows.
    private const int GridRows = ElasticGrid.Points + 1;

    // Lanes of a row of control points: x in the first half, y in the second.
    private const int YLane = 8;

    // [phase][point]: worked out for every pixel, they would cost more than the rest.
    private static readonly int[] s_weights =
        [.. Enumerable.Range(0, 16).Select(weight => ElasticGrid.Weight(weight / 4, weight % 4))];

    /// <summary>An image as a step shows it: rolled, distorted, or as it is.</summary>
    /// <param name="perturbation">The step's perturbation.</param>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="image">(16, 16).</param>
    /// <param name="shown">(16, 16).</param>
    public static void Perturb(in Perturbation perturbation, int example, ReadOnlySpan<float> image, Span<float> shown)
    {
        if (perturbation.Distorts)
        {
            Distort(perturbation, example, image, shown);
        }
        else if (perturbation.MaximumShift > 0)
        {
            perturbation.Shift(example, out int rows, out int columns);
            Perturbation.Roll(image, shown, rows, columns);
        }
        else
        {
            image.CopyTo(shown);
        }
    }

    /// <summary>Distorts an image as a step's perturbation has it; the image may be anywhere but in the result.</summary>
    /// <param name="perturbation">The step's perturbation.</param>
    /// <param name="example">The example's place in the training set.</param>
    /// <param name="image">(16, 16).</param>
    /// <param name="distorted">(16, 16).</param>
    [SkipLocalsInit]
    public static void Distort(in Perturbation perturbation, int example, ReadOnlySpan<float> image, Span<float> distorted)
    {
        float* rows = stackalloc float[PaddedRows * InputSize];
        int* grid = stackalloc int[GridRows * Wide.Count];
        Prepare(perturbation, example, image, rows);
        AffineMap map = perturbation.Map(example);
        if (Avx512F.IsSupported)
        {
            if (perturbation.Distortion.Bends)
            {
                DrawGridWide(perturbation, example, grid);
            }

            SampleWide(map, perturbation.Distortion.Bends, rows, grid, distorted);
        }
        else
        {
            DrawGrid(perturbation, example, grid);
            Sample(map, perturbation.Distortion.Bends, rows, grid, distorted);
        }
    }

    /// <summary>The same without vector instructions: the same bits, which a test holds the other to.</summary>
    internal static void DistortPixelwise(in Perturbation perturbation, int example, ReadOnlySpan<float> image, Span<float> distorted)
    {
        float* rows = stackalloc float[PaddedRows * InputSize];
        int* grid = stackalloc int[GridRows * Wide.Count];
        Prepare(perturbation, example, image, rows);
        DrawGrid(perturbation, example, grid);
        Sample(perturbation.Map(example), perturbation.Distortion.Bends, rows, grid, distorted);
    }

    private static void Prepare(in Perturbation perturbation, int example, ReadOnlySpan<float> image, float* rows)
    {
        perturbation.Shift(example, out int down, out int right);
        Perturbation.Roll(image, new Span<float>(rows + InputSize, InputUnits), down, right);
        Vector512.Create(PaddingValue).Store(rows);
        Vector512.Create(PaddingValue).Store(rows + (PaddedRows - 1) * InputSize);
    }

    private static void DrawGrid(in Perturbation perturbation, int example, int* grid)
    {
        for (int row = 0; row < ElasticGrid.Points && perturbation.Distortion.Bends; row++)
        {
            int* points = grid + row * Wide.Count;
            for (int half = 0; half < 2; half++)
            {
                perturbation.ControlPoints(
                    example, row, half,
                    out int x0, out int y0, out int x1, out int y1, out int x2, out int y2, out int x3, out int y3);
                Vector128.Create(x0, x1, x2, x3).Store(points + 4 * half);
                Vector128.Create(y0, y1, y2, y3).Store(points + YLane + 4 * half);
            }
        }
    }

    private static void DrawGridWide(in Perturbation perturbation, int example, int* grid)
    {
        PhiloxWide bits = perturbation.ControlPointBits(example);
        Distortion distortion = perturbation.Distortion;
        StoreGrid(
            distortion.DrawDisplacementsX(bits.Word0), distortion.DrawDisplacementsX(bits.Word1),
            distortion.DrawDisplacementsX(bits.Word2), distortion.DrawDisplacementsX(bits.Word3), grid);
        StoreGrid(
            distortion.DrawDisplacementsY(bits.Word0), distortion.DrawDisplacementsY(bits.Word1),
            distortion.DrawDisplacementsY(bits.Word2), distortion.DrawDisplacementsY(bits.Word3), grid + YLane);
    }

    /// <summary>
    /// From a vector a word to four neighbouring points a half row. Lane 2 * row + half, the address, is lane
    /// 2 * (row % 2) + half of block row / 2: transposing each block of four lanes gathers a half row.
    /// </summary>
    private static void StoreGrid(WideInt word0, WideInt word1, WideInt word2, WideInt word3, int* grid)
    {
        WideInt low01 = Avx512F.UnpackLow(word0, word1);
        WideInt low23 = Avx512F.UnpackLow(word2, word3);
        WideInt high01 = Avx512F.UnpackHigh(word0, word1);
        WideInt high23 = Avx512F.UnpackHigh(word2, word3);
        StoreHalfRows(Avx512F.UnpackLow(low01.AsInt64(), low23.AsInt64()).AsInt32(), grid);
        StoreHalfRows(Avx512F.UnpackHigh(low01.AsInt64(), low23.AsInt64()).AsInt32(), grid + 4);
        StoreHalfRows(Avx512F.UnpackLow(high01.AsInt64(), high23.AsInt64()).AsInt32(), grid + Wide.Count);
        StoreHalfRows(Avx512F.UnpackHigh(high01.AsInt64(), high23.AsInt64()).AsInt32(), grid + Wide.Count + 4);
    }

    /// <summary>A block a second row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalfRows(WideInt blocks, int* grid)
    {
        blocks.GetLower().GetLower().Store(grid);
        blocks.GetLower().GetUpper().Store(grid + 2 * Wide.Count);
        blocks.GetUpper().GetLower().Store(grid + 4 * Wide.Count);
        blocks.GetUpper().GetUpper().Store(grid + 6 * Wide.Count);
    }

    private static void SampleWide(AffineMap map, bool bends, float* rows, int* grid, Span<float> distorted)
    {
        WideInt fromMiddle = (WideInt.Indices << 1) - Vector512.Create(InputSize - 1);
        WideInt xOfColumns = fromMiddle * map.Cosine;
        WideInt yOfColumns = fromMiddle * map.Sine;
        Wide border = Vector512.Create(PaddingValue);

        // Of each of a pixel's four control points, the weights across a row of pixels.
        WideInt weights0 = Vector512.Create(Vector128.Create(s_weights[0], s_weights[4], s_weights[8], s_weights[12]));
        WideInt weights1 = Vector512.Create(Vector128.Create(s_weights[1], s_weights[5], s_weights[9], s_weights[13]));
        WideInt weights2 = Vector512.Create(Vector128.Create(s_weights[2], s_weights[6], s_weights[10], s_weights[14]));
        WideInt weights3 = Vector512.Create(Vector128.Create(s_weights[3], s_weights[7], s_weights[11], s_weights[15]));
        for (int row = 0; row < InputSize; row++)
        {
            int down = AffineMap.FromMiddle(row);
            WideInt x = ((xOfColumns - Vector512.Create(map.Sine * down)) >> AffineMap.CoefficientShift)
                + Vector512.Create(AffineMap.Middle);
            WideInt y = ((yOfColumns + Vector512.Create(map.Cosine * down)) >> AffineMap.CoefficientShift)
                + Vector512.Create(AffineMap.Middle);
            if (bends)
            {
                WideInt points = Down(grid, row);
                x += Across(points, 0, weights0, weights1, weights2, weights3);
                y += Across(points, YLane, weights0, weights1, weights2, weights3);
            }

            x = Clamp(x);
            y = Clamp(y);

            // Lane 16 of a row and its border together is border: whatever lies outside reads that.
            WideInt left = x >> AffineMap.PlaceBits;
            WideInt right = left + WideInt.One;
            Wide rightPart = Vector512.ConvertToSingle(x & Vector512.Create(AffineMap.Pixel - 1)) * PerPixel;
            Wide leftPart = Wide.One - rightPart;
            left = InsideOrBorder(left);
            right = InsideOrBorder(right);

            // Bilinear sampling down is a sum over the rows that any pixel reads, with a weight that falls from 1 to 0 over
            // the distance of a pixel: two rows of the sum for a pixel, no gathering. Places are exact in float32.
            Wide place = Vector512.ConvertToSingle(y) * PerPixel;
            WideInt above = y >> AffineMap.PlaceBits;
            int first = Smallest(above);
            int last = Math.Min(-Smallest(-above) + 1, InputSize);
            Wide sum = Wide.Zero;
            for (int source = first; source <= last; source++)
            {
                Wide pixels = Vector512.Load(rows + (source + 1) * InputSize);
                Wide across = Avx512F.PermuteVar16x32x2(pixels, left, border) * leftPart
                    + Avx512F.PermuteVar16x32x2(pixels, right, border) * rightPart;
                Wide part = Vector512.MaxNative(
                    Wide.Zero, Wide.One - Vector512.Abs(place - Vector512.Create((float)source)));
                sum += across * part;
            }

            sum.CopyTo(distorted.Slice(row * InputSize, InputSize));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WideInt Down(int* grid, int row)
    {
        int* points = grid + row / ElasticGrid.Spacing * Wide.Count;
        int phase = row % ElasticGrid.Spacing;
        ReadOnlySpan<int> weights = s_weights.AsSpan(phase * 4, 4);
        WideInt sum = Vector512.Load(points) * weights[0]
            + Vector512.Load(points + Wide.Count) * weights[1]
            + Vector512.Load(points + 2 * Wide.Count) * weights[2]
            + Vector512.Load(points + 3 * Wide.Count) * weights[3];
        return sum >> ElasticGrid.DownShift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WideInt Across(
        WideInt points, int firstLane, WideInt weights0, WideInt weights1, WideInt weights2, WideInt weights3)
    {
        WideInt cell = Vector512.Create(firstLane) + (WideInt.Indices >> 2);
        WideInt sum = Avx512F.PermuteVar16x32(points, cell) * weights0
            + Avx512F.PermuteVar16x32(points, cell + WideInt.One) * weights1
            + Avx512F.PermuteVar16x32(points, cell + Vector512.Create(2)) * weights2
            + Avx512F.PermuteVar16x32(points, cell + Vector512.Create(3)) * weights3;
        return sum >> ElasticGrid.AcrossShift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WideInt Clamp(WideInt places) => Vector512.Min(
        Vector512.Max(places, Vector512.Create(-AffineMap.Pixel)), Vector512.Create(InputSize * AffineMap.Pixel));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static WideInt InsideOrBorder(WideInt columns) =>
        // Unsigned, column -1 is the largest of all.
        Vector512.Min(columns.AsUInt32(), Vector512.Create((uint)InputSize)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Smallest(WideInt values)
    {
        Vector256<int> eight = Vector256.Min(values.GetLower(), values.GetUpper());
        Vector128<int> four = Vector128.Min(eight.GetLower(), eight.GetUpper());
        four = Vector128.Min(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Math.Min(four[0], four[1]);
    }

    private static void Sample(AffineMap map, bool bends, float* rows, int* grid, Span<float> distorted)
    {
        int* points = stackalloc int[Wide.Count];
        for (int row = 0; row < InputSize; row++)
        {
            if (bends)
            {
                Down(grid, row).Store(points);
            }

            for (int column = 0; column < InputSize; column++)
            {
                int x = map.X(row, column);
                int y = map.Y(row, column);
                if (bends)
                {
                    x += Across(points, column);
                    y += Across(points + YLane, column);
                }

                distorted[row * InputSize + column] = SamplePixel(rows, AffineMap.Clamp(x), AffineMap.Clamp(y));
            }
        }
    }

    private static int Across(int* points, int column)
    {
        points += column / ElasticGrid.Spacing;
        ReadOnlySpan<int> weights = s_weights.AsSpan(column % ElasticGrid.Spacing * 4, 4);
        int sum = points[0] * weights[0] + points[1] * weights[1] + points[2] * weights[2] + points[3] * weights[3];
        return sum >> ElasticGrid.AcrossShift;
    }

    private static float SamplePixel(float* rows, int x, int y)
    {
        int column = x >> AffineMap.PlaceBits;
        int row = y >> AffineMap.PlaceBits;
        float rightPart = (x & (AffineMap.Pixel - 1)) * PerPixel;
        float lowerPart = (y & (AffineMap.Pixel - 1)) * PerPixel;
        float upper = Across(rows, row, column, rightPart);

        // At the very bottom there is no row below, and no part of it either.
        return lowerPart == 0
            ? upper
            : upper * (1 - lowerPart) + Across(rows, row + 1, column, rightPart) * lowerPart;
    }

    private static float Across(float* rows, int row, int column, float rightPart) =>
        Pixel(rows, row, column) * (1 - rightPart) + Pixel(rows, row, column + 1) * rightPart;

    private static float Pixel(float* rows, int row, int column) =>
        (uint)column < InputSize ? rows[(row + 1) * InputSize + column] : PaddingValue;
}
