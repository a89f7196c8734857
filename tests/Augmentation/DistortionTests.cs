using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Augmentation;

/// <summary>Turned, scaled and bent images on the host.</summary>
public class DistortionTests
{
    private const int Size = Shape1989.InputSize;
    private const int Pixels = Shape1989.InputUnits;

    [Fact]
    public void NothingIsAskedForAndNothingIsDrawn()
    {
        Assert.True(new Distortion(0, 0, 0).IsNone);
        Assert.False(new Perturbation(1, 2, 3, 0.5f).Distorts);
        Assert.False(new Distortion(0.01, 0, 0).IsNone);
        Assert.False(new Distortion(0, 0.01, 0).IsNone);
        Assert.False(new Distortion(0, 0, 0.01).IsNone);
    }

    [Theory]
    [InlineData(45.1, 0, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(0, 0.51, 0)]
    [InlineData(0, double.NaN, 0)]
    [InlineData(0, 0, 4.1)]
    public void WhatIsOutOfRangeIsRefused(double rotate, double scale, double elastic) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Distortion(rotate, scale, elastic));

    [Fact]
    public void AnAngleOfZeroAndASizeOfOneShowEveryPixelWhereItIs()
    {
        AffineMap map = new(angle: 0, Distortion.ScaleOne);

        for (int pixel = 0; pixel < Pixels; pixel++)
        {
            Assert.Equal(pixel % Size * AffineMap.Pixel, map.X(pixel / Size, pixel % Size));
            Assert.Equal(pixel / Size * AffineMap.Pixel, map.Y(pixel / Size, pixel % Size));
        }
    }

    [Theory]
    [InlineData(45, 1)]
    [InlineData(-30, 0.5)]
    [InlineData(7, 1.5)]
    public void TheMapIsThatOfTheSinesAndCosines(double degrees, double scale)
    {
        double angle = degrees * Math.PI / 180;
        AffineMap map = new((int)(angle * AffineMap.AngleOne), (int)(scale * Distortion.ScaleOne));

        for (int pixel = 0; pixel < Pixels; pixel++)
        {
            double right = pixel % Size - 7.5;
            double down = pixel / Size - 7.5;
            double x = (Math.Cos(angle) * right - Math.Sin(angle) * down) / scale + 7.5;
            double y = (Math.Sin(angle) * right + Math.Cos(angle) * down) / scale + 7.5;
            Assert.Equal(x, map.X(pixel / Size, pixel % Size) / (double)AffineMap.Pixel, 1e-3);
            Assert.Equal(y, map.Y(pixel / Size, pixel % Size) / (double)AffineMap.Pixel, 1e-3);
        }
    }

    [Fact]
    public void TheSplinesWeightsSumToOneAndAreTheBSplines()
    {
        for (int phase = 0; phase < ElasticGrid.Spacing; phase++)
        {
            double t = (2 * phase + 1) / 8.0;
            double[] expected =
            [
                Math.Pow(1 - t, 3) / 6,
                (3 * t * t * t - 6 * t * t + 4) / 6,
                (-3 * t * t * t + 3 * t * t + 3 * t + 1) / 6,
                t * t * t / 6,
            ];
            int[] weights = [.. Enumerable.Range(0, 4).Select(point => ElasticGrid.Weight(phase, point))];
            Assert.Equal(3072, weights.Sum());
            Assert.All(weights.Zip(expected), pair => Assert.Equal(pair.Second, pair.First / 3072.0, 1e-12));
        }
    }

    [Fact]
    public void ABlobIsFoundWhereTheRotationAndScaleOfItsExampleTakeIt()
    {
        // A soft blob right of the middle; its centre of mass must turn counter-clockwise by the example's angle, and its
        // distance from the middle change by the example's scale.
        float[] image = Blob(11.5, 7.5);
        float[] distorted = new float[Pixels];
        Perturbation perturbation = new(3, 4, 0, 0f, new Distortion(rotate: 40, scale: 0.2, elastic: 0));
        double most = 0, least = 0;
        for (int example = 0; example < 50; example++)
        {
            AffineMap map = perturbation.Map(example);
            double angle = Math.Atan2(map.Sine, map.Cosine);
            double scale = (1 << 19) / Math.Sqrt((double)map.Sine * map.Sine + (double)map.Cosine * map.Cosine);
            ImageDistorter.Distort(perturbation, example, image, distorted);
            (double x, double y) = Mass(distorted);

            Assert.Equal(7.5 + 4 * scale * Math.Cos(angle), x, 0.05);
            Assert.Equal(7.5 - 4 * scale * Math.Sin(angle), y, 0.05);
            most = Math.Max(most, angle);
            least = Math.Min(least, angle);
        }

        Assert.InRange(most, 0.5, 0.6982);
        Assert.InRange(least, -0.6982, -0.5);
    }

    [Fact]
    public void AShiftIsTheRollBeforeTheRest()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 20);
        Distortion distortion = new(15, 0.1, 0.7);
        float[] rolled = new float[Pixels], expected = new float[Pixels], actual = new float[Pixels];
        for (int example = 0; example < examples.Count; example++)
        {
            Perturbation both = new(5, 6, 2, 0f, distortion);
            both.Shift(example, out int rows, out int columns);
            Perturbation.Roll(examples.Image(example), rolled, rows, columns);
            ImageDistorter.Distort(new Perturbation(5, 6, 0, 0f, distortion), example, rolled, expected);
            ImageDistorter.Distort(both, example, examples.Image(example), actual);
            Assert.Equal(expected, actual);
        }
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(45, 0.5, 0, 0)]
    [InlineData(0, 0, 4, 0)]
    [InlineData(20, 0.2, 1, 2)]
    public void VectorsGiveTheBitsOfPixelByPixel(double rotate, double scale, double elastic, int shift)
    {
        // Without vector instructions the two are the same code, and this says nothing.
        Examples examples = RandomNetwork.Examples(new Random(2), 100);
        Perturbation perturbation = new(7, 8, shift, 0f, new Distortion(rotate, scale, elastic));
        float[] expected = new float[Pixels], actual = new float[Pixels];
        for (int example = 0; example < examples.Count; example++)
        {
            ImageDistorter.DistortPixelwise(perturbation, example, examples.Image(example), expected);
            ImageDistorter.Distort(perturbation, example, examples.Image(example), actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void OutsideIsBackground()
    {
        // A white image half its size: a white square amid background.
        float[] white = new float[Pixels];
        Array.Fill(white, 1f);
        float[] distorted = new float[Pixels];
        Perturbation perturbation = new(1, 1, 0, 0f, new Distortion(0, 0.5, 0));
        int shrunk = Enumerable.Range(0, 200).First(example => perturbation.Map(example).Cosine > (1 << 19) * 1.8);

        ImageDistorter.Distort(perturbation, shrunk, white, distorted);

        Assert.Equal(-1f, distorted[0]);
        Assert.Equal(-1f, distorted[8 * Size]);
        Assert.Equal(1f, distorted[8 * Size + 8]);
        Assert.All(distorted, pixel => Assert.InRange(pixel, -1f, 1f));
    }

    [Fact]
    public void DrawsAreUniformAndElasticDisplacementsHaveTheirStandardDeviation()
    {
        const int Count = 4_000;
        Perturbation perturbation = new(9, 0, 0, 0f, new Distortion(rotate: 30, scale: 0.25, elastic: 0.8));
        double angles = 0, squaredAngles = 0, scales = 0, squaredScales = 0, x = 0, y = 0, xy = 0;
        for (int example = 0; example < Count; example++)
        {
            AffineMap map = perturbation.Map(example);
            double angle = Math.Atan2(map.Sine, map.Cosine) * 180 / Math.PI;
            double scale = (1 << 19) / Math.Sqrt((double)map.Sine * map.Sine + (double)map.Cosine * map.Cosine);
            angles += angle;
            squaredAngles += angle * angle;
            scales += scale;
            squaredScales += (scale - 1) * (scale - 1);

            (double right, double down) = Displacement(perturbation, example, example % Pixels);
            x += right * right;
            y += down * down;
            xy += right * down;
        }

        // Uniform: a third of the square of the largest. Five standard errors of 4,000 draws.
        Assert.Equal(0, angles / Count, 1.4);
        Assert.Equal(300, squaredAngles / Count, 22.0);
        Assert.Equal(1, scales / Count, 0.012);
        Assert.Equal(0.0625 / 3, squaredScales / Count, 0.0016);
        Assert.Equal(0.8, Math.Sqrt(x / Count), 0.05);
        Assert.Equal(0.8, Math.Sqrt(y / Count), 0.05);
        Assert.Equal(0, xy / Count, 0.05);
    }

    [Fact]
    public void EveryStepSeedAndExampleHasItsOwnDistortion()
    {
        float[] image = BuiltinDigits.Draw(1, 1).Pixels;
        Distortion distortion = new(10, 0.1, 0.5);
        (uint Seed, uint Step, int Example)[] addresses = [(1, 1, 1), (2, 1, 1), (1, 2, 1), (1, 1, 2)];
        float[][] images = [.. addresses.Select(Draw)];

        Assert.Equal(4, images.Select(pixels => string.Join(' ', pixels)).Distinct().Count());
        Assert.Equal(images[2], Draw(addresses[2]));

        float[] Draw((uint Seed, uint Step, int Example) at)
        {
            float[] distorted = new float[Pixels];
            ImageDistorter.Distort(new Perturbation(at.Seed, at.Step, 0, 0f, distortion), at.Example, image, distorted);
            return distorted;
        }
    }

    [Fact]
    public void AGradientIsThatOfTheDistortedImagesWhateverTheThreads()
    {
        Examples examples = RandomNetwork.Examples(new Random(4), 150);
        float[] parameters = RandomNetwork.Parameters(new Random(5));
        Perturbation perturbation = new(6, 7, 1, 0.25f, new Distortion(20, 0.2, 1));
        float[] pixels = new float[examples.Pixels.Length];
        for (int example = 0; example < examples.Count; example++)
        {
            ImageDistorter.Distort(
                perturbation, example, examples.Image(example), pixels.AsSpan(example * Pixels, Pixels));
        }

        float[] expected = Gradient(new Examples(pixels, examples.Labels), perturbation.OfUnits, threads: 1);
        Assert.Equal(expected, Gradient(examples, perturbation, threads: 1));
        Assert.Equal(expected, Gradient(examples, perturbation, threads: 3));
        Assert.NotEqual(expected, Gradient(examples, perturbation.OfUnits, threads: 1));

        float[] Gradient(Examples of, Perturbation with, int threads)
        {
            using HostTrainer trainer = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), of, of, threads);
            float[] gradient = new float[Parameters.Count];
            trainer.Load(parameters);
            trainer.Gradient(3, 140, with, gradient);
            return gradient;
        }
    }

    /// <summary>A pixel's elastic displacement, by the definition, in pixels.</summary>
    private static (double Right, double Down) Displacement(Perturbation perturbation, int example, int pixel)
    {
        int row = pixel / Size, column = pixel % Size;
        long right = 0, down = 0;
        for (int below = 0; below < 4; below++)
        {
            int[] x = new int[8], y = new int[8];
            for (int half = 0; half < 2; half++)
            {
                perturbation.ControlPoints(
                    example, row / 4 + below, half, out x[4 * half], out y[4 * half], out x[4 * half + 1], out y[4 * half + 1],
                    out x[4 * half + 2], out y[4 * half + 2], out x[4 * half + 3], out y[4 * half + 3]);
            }

            for (int across = 0; across < 4; across++)
            {
                long weight = ElasticGrid.Weight(row % 4, below) * ElasticGrid.Weight(column % 4, across);
                right += weight * x[column / 4 + across];
                down += weight * y[column / 4 + across];
            }
        }

        const double Unit = (1L << (ElasticGrid.DownShift + ElasticGrid.AcrossShift)) * (double)AffineMap.Pixel;
        return (right / Unit, down / Unit);
    }

    private static float[] Blob(double x, double y)
    {
        float[] image = new float[Pixels];
        for (int pixel = 0; pixel < Pixels; pixel++)
        {
            double right = pixel % Size - x, down = pixel / Size - y;
            image[pixel] = (float)(2 * Math.Exp(-(right * right + down * down) / 2) - 1);
        }

        return image;
    }

    private static (double X, double Y) Mass(float[] image)
    {
        double mass = 0, x = 0, y = 0;
        for (int pixel = 0; pixel < Pixels; pixel++)
        {
            mass += image[pixel] + 1;
            x += (image[pixel] + 1) * (pixel % Size);
            y += (image[pixel] + 1) * (pixel / Size);
        }

        return (x / mass, y / mass);
    }
}
