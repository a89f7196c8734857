using System.Runtime.CompilerServices;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// Images as a step's perturbation has them: rolled, turned, scaled and bent. The places that are sampled are whole numbers and
/// the same as the host's; the reference twin is <c>Model/Augmentation/ImageDistorter</c>.
/// </summary>
internal static class DistortionKernels
{
    /// <summary>Writes distorted images, once a step, for every kernel that reads images.</summary>
    /// <param name="index">X: the example; Y: the row of the image.</param>
    /// <param name="batch">Images in.</param>
    /// <param name="distorted">As many as the batch has room for, out; they lie as the images that they come from.</param>
    /// <param name="perturbation">How images are rolled and distorted.</param>
    public static void Distort<TLayout>(Index2D index, Batch batch, ArrayView<float> distorted, Perturbation perturbation)
        where TLayout : struct, IImageLayout
    {
        int place = batch.First + index.X;
        perturbation.Shift(place, out int down, out int right);
        AffineMap map = perturbation.Map(place);
        ControlRow points = default;
        if (perturbation.Distortion.Bends)
        {
            SumDown(perturbation, place, index.Y, ref points);
        }

        Sampler<TLayout> sampler = new(batch, distorted, map, index.X, index.Y, down, right);
        sampler.WriteCell(0, points.X0, points.X1, points.X2, points.X3, points.Y0, points.Y1, points.Y2, points.Y3);
        sampler.WriteCell(4, points.X1, points.X2, points.X3, points.X4, points.Y1, points.Y2, points.Y3, points.Y4);
        sampler.WriteCell(8, points.X2, points.X3, points.X4, points.X5, points.Y2, points.Y3, points.Y4, points.Y5);
        sampler.WriteCell(12, points.X3, points.X4, points.X5, points.X6, points.Y3, points.Y4, points.Y5, points.Y6);
    }

    /// <summary>The spline's sums down the grid, for a row of pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumDown(in Perturbation perturbation, int place, int row, ref ControlRow sums)
    {
        for (int point = 0; point < 4; point++)
        {
            int weight = ElasticGrid.Weight(row % ElasticGrid.Spacing, point);
            int gridRow = row / ElasticGrid.Spacing + point;
            perturbation.ControlPoints(
                place, gridRow, 0,
                out int x0, out int y0, out int x1, out int y1, out int x2, out int y2, out int x3, out int y3);
            sums.X0 += weight * x0;
            sums.Y0 += weight * y0;
            sums.X1 += weight * x1;
            sums.Y1 += weight * y1;
            sums.X2 += weight * x2;
            sums.Y2 += weight * y2;
            sums.X3 += weight * x3;
            sums.Y3 += weight * y3;
            perturbation.ControlPoints(place, gridRow, 1, out x0, out y0, out x1, out y1, out x2, out y2, out _, out _);
            sums.X4 += weight * x0;
            sums.Y4 += weight * y0;
            sums.X5 += weight * x1;
            sums.Y5 += weight * y1;
            sums.X6 += weight * x2;
            sums.Y6 += weight * y2;
        }

        sums.X0 >>= ElasticGrid.DownShift;
        sums.X1 >>= ElasticGrid.DownShift;
        sums.X2 >>= ElasticGrid.DownShift;
        sums.X3 >>= ElasticGrid.DownShift;
        sums.X4 >>= ElasticGrid.DownShift;
        sums.X5 >>= ElasticGrid.DownShift;
        sums.X6 >>= ElasticGrid.DownShift;
        sums.Y0 >>= ElasticGrid.DownShift;
        sums.Y1 >>= ElasticGrid.DownShift;
        sums.Y2 >>= ElasticGrid.DownShift;
        sums.Y3 >>= ElasticGrid.DownShift;
        sums.Y4 >>= ElasticGrid.DownShift;
        sums.Y5 >>= ElasticGrid.DownShift;
        sums.Y6 >>= ElasticGrid.DownShift;
    }

    /// <summary>Sums of seven control points, in registers.</summary>
    private struct ControlRow
    {
        public int X0;
        public int X1;
        public int X2;
        public int X3;
        public int X4;
        public int X5;
        public int X6;
        public int Y0;
        public int Y1;
        public int Y2;
        public int Y3;
        public int Y4;
        public int Y5;
        public int Y6;
    }

    /// <summary>One row of one image.</summary>
    private readonly struct Sampler<TLayout>(
        Batch batch, ArrayView<float> distorted, AffineMap map, int example, int row, int down, int right)
        where TLayout : struct, IImageLayout
    {
        /// <summary>Writes the four pixels of a cell of the grid, of which the sums down are given.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void WriteCell(int column, int x0, int x1, int x2, int x3, int y0, int y1, int y2, int y3)
        {
            for (int phase = 0; phase < ElasticGrid.Spacing; phase++)
            {
                int weight0 = ElasticGrid.Weight(phase, 0);
                int weight1 = ElasticGrid.Weight(phase, 1);
                int weight2 = ElasticGrid.Weight(phase, 2);
                int weight3 = ElasticGrid.Weight(phase, 3);
                int x = (weight0 * x0 + weight1 * x1 + weight2 * x2 + weight3 * x3) >> ElasticGrid.AcrossShift;
                int y = (weight0 * y0 + weight1 * y1 + weight2 * y2 + weight3 * y3) >> ElasticGrid.AcrossShift;
                distorted[TLayout.Place(example, row * Shape1989.InputSize + column + phase, batch.Stride)] = Sample(
                    AffineMap.Clamp(map.X(row, column + phase) + x), AffineMap.Clamp(map.Y(row, column + phase) + y));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private float Sample(int x, int y)
        {
            const float PerPixel = 1f / AffineMap.Pixel;
            int sourceColumn = x >> AffineMap.PlaceBits;
            int sourceRow = y >> AffineMap.PlaceBits;
            float rightPart = (x & (AffineMap.Pixel - 1)) * PerPixel;
            float lowerPart = (y & (AffineMap.Pixel - 1)) * PerPixel;
            float upper = Across(sourceRow, sourceColumn, rightPart);
            float lower = Across(sourceRow + 1, sourceColumn, rightPart);
            return upper * (1f - lowerPart) + lower * lowerPart;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private float Across(int sourceRow, int sourceColumn, float rightPart) =>
            Pixel(sourceRow, sourceColumn) * (1f - rightPart) + Pixel(sourceRow, sourceColumn + 1) * rightPart;

        /// <summary>A pixel of the rolled image, or background.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private float Pixel(int sourceRow, int sourceColumn)
        {
            const int Last = Shape1989.InputSize - 1;
            int pixel = ((sourceRow - down) & Last) * Shape1989.InputSize + ((sourceColumn - right) & Last);

            // Read even where it is not wanted: a load that every thread makes is cheaper than a branch.
            float value = batch.Images[TLayout.Place(example, pixel, batch.ImageStride)];
            bool isInside = (uint)sourceRow <= Last & (uint)sourceColumn <= Last;
            return isInside ? value : Shape1989.PaddingValue;
        }
    }
}
