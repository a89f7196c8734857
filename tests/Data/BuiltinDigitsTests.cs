using System.Security.Cryptography;
using GpuConvnet.Model;
using GpuConvnet.Model.Digits;

namespace GpuConvnet.Tests.Data;

public class BuiltinDigitsTests
{
    private const int Pixels = Shape1989.InputUnits;
    private const uint Seed = 1337;

    private static readonly Lazy<Examples> s_sample = new(() => BuiltinDigits.Draw(5000, Seed));

    private static Examples Sample => s_sample.Value;

    [Fact]
    public void TheSameBitsComeOutOnEveryPlatform()
    {
        Examples examples = BuiltinDigits.Draw(50, Seed);

        string checksum = Convert.ToHexStringLower(SHA256.HashData([.. examples.Labels, .. Levels(examples.Pixels)]));

        Assert.Equal("d9357f89a749d3bb7969fadb21a795d57901b0c429aad0085f2b58b8bca8c794", checksum);
    }

    [Fact]
    public void EveryPixelIsALevelOfAnEightBitScan()
    {
        for (int i = 0; i < Sample.Pixels.Length; i++)
        {
            float pixel = Sample.Pixels[i];
            Assert.InRange(pixel, -1f, 1f);
            Assert.Equal(Level(pixel) / 127.5f - 1, pixel);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(4999)]
    public void ADigitDependsOnItsSeedAndIndexAlone(int index)
    {
        // Whatever the buffer held before must not show through.
        float[] image = new float[Pixels];
        Array.Fill(image, float.NaN);

        byte digit = BuiltinDigits.Draw(Seed, index, image);

        Assert.Equal(Sample.Labels[index], digit);
        Assert.Equal(Sample.Image(index), image);
    }

    [Fact]
    public void AShorterSetIsTheStartOfALongerOne()
    {
        Examples few = BuiltinDigits.Draw(100, Seed);

        Assert.Equal(Sample.Labels[..100], few.Labels);
        Assert.Equal(Sample.Pixels[..(100 * Pixels)], few.Pixels);
    }

    [Fact]
    public void AnotherSeedGivesOtherDigits()
    {
        Examples other = BuiltinDigits.Draw(1000, Seed + 1);

        HashSet<string> known = [.. Fingerprints(Sample)];
        Assert.DoesNotContain(Fingerprints(other), known.Contains);
    }

    [Fact]
    public void NoTwoOfThousandsAreTheSame()
    {
        Assert.Equal(Sample.Count, Fingerprints(Sample).Distinct().Count());
    }

    [Fact]
    public void DigitsAreAboutEquallyOften()
    {
        foreach (int digit in Enumerable.Range(0, 10))
        {
            // 500 expected, with a standard deviation of 21.
            Assert.InRange(Sample.Labels.Count(label => label == digit), 400, 600);
        }
    }

    [Fact]
    public void EveryDigitHasAPlausibleAmountOfInkNearTheMiddle()
    {
        for (int i = 0; i < Sample.Count; i++)
        {
            double ink = 0, x = 0, y = 0;
            ReadOnlySpan<float> image = Sample.Image(i);
            for (int pixel = 0; pixel < Pixels; pixel++)
            {
                double part = (image[pixel] + 1) / 2;
                ink += part;
                x += part * (pixel % 16);
                y += part * (pixel / 16);
            }

            // The thinnest 1 to the fattest 0; the middle of the frame is 7.5.
            Assert.InRange(ink, 5, 110);
            Assert.InRange(x / ink, 5.5, 9.5);
            Assert.InRange(y / ink, 5.5, 9.5);
        }
    }

    [Fact]
    public void MostOfTheFrameIsCleanBackground()
    {
        for (int i = 0; i < Sample.Count; i++)
        {
            Assert.InRange(Sample.Image(i).Count(-1f), Pixels / 3, Pixels);
        }
    }

    [Fact]
    public void DigitsOfOneClassVaryAsHandwritingDoes()
    {
        float[][] means = ClassMeans(Sample);
        float[] overall = [.. Enumerable.Range(0, Pixels).Select(pixel => means.Average(mean => mean[pixel]))];
        double within = 0, total = 0;
        for (int i = 0; i < Sample.Count; i++)
        {
            within += SquaredDistance(Sample.Image(i), means[Sample.Labels[i]]);
            total += SquaredDistance(Sample.Image(i), overall);
        }

        // 0.765 for MNIST reduced to 16x16, 0.766 here; for a font near 0.
        Assert.InRange(within / total, 0.7, 0.83);
    }

    [Fact]
    public void LabelsFitTheirImagesWithoutBeingTooEasy()
    {
        Examples fresh = BuiltinDigits.Draw(2000, Seed + 1);
        float[][] means = ClassMeans(Sample);
        int hits = 0;
        for (int i = 0; i < fresh.Count; i++)
        {
            int nearest = 0;
            for (int digit = 1; digit < 10; digit++)
            {
                if (SquaredDistance(fresh.Image(i), means[digit]) < SquaredDistance(fresh.Image(i), means[nearest]))
                {
                    nearest = digit;
                }
            }

            hits += nearest == fresh.Labels[i] ? 1 : 0;
        }

        // The nearest class mean is right for 83% of MNIST's digits, and here.
        Assert.InRange(hits / (double)fresh.Count, 0.75, 0.9);
    }

    [Fact]
    public void EachDigitIsWrittenInSeveralWaysThatFitThePensPath()
    {
        foreach (int digit in Enumerable.Range(0, 10))
        {
            ReadOnlySpan<DigitTemplate> ways = DigitTemplates.Of(digit);
            Assert.True(ways.Length >= 3, $"digit {digit} has {ways.Length} templates");
            foreach (DigitTemplate way in ways)
            {
                Assert.True(way.Weight > 0);
                Assert.All(way.Strokes, stroke => Assert.InRange(stroke.Length, 2, Handwriting.MaximumControlPoints));
                Assert.InRange(
                    way.Strokes.Sum(stroke => 1 + (stroke.Length - 1) * Handwriting.StepsBetweenControlPoints),
                    0,
                    Handwriting.MaximumPathLength);
            }
        }
    }

    [Fact]
    public void AnEmptySetIsAllowed()
    {
        Assert.Equal(0, BuiltinDigits.Draw(0, Seed).Count);
    }

    [Fact]
    public void ImpossibleRequestsAreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("count", () => BuiltinDigits.Draw(-1, Seed));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => BuiltinDigits.Draw(int.MaxValue, Seed));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => BuiltinDigits.Draw(Seed, -1, new float[Pixels]));
        Assert.Throws<ArgumentException>("image", () => BuiltinDigits.Draw(Seed, 0, new float[Pixels - 1]));
    }

    private static byte Level(float pixel) => (byte)MathF.Round((pixel + 1) * 127.5f);

    private static byte[] Levels(ReadOnlySpan<float> pixels)
    {
        byte[] levels = new byte[pixels.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = Level(pixels[i]);
        }

        return levels;
    }

    private static IEnumerable<string> Fingerprints(Examples examples) =>
        Enumerable.Range(0, examples.Count).Select(i => Convert.ToBase64String(Levels(examples.Image(i))));

    private static float[][] ClassMeans(Examples examples)
    {
        float[][] means = [.. Enumerable.Range(0, 10).Select(_ => new float[Pixels])];
        int[] counts = new int[10];
        for (int i = 0; i < examples.Count; i++)
        {
            byte label = examples.Labels[i];
            counts[label]++;
            for (int pixel = 0; pixel < Pixels; pixel++)
            {
                // A running mean, so that no second pass divides.
                means[label][pixel] += (examples.Image(i)[pixel] - means[label][pixel]) / counts[label];
            }
        }

        return means;
    }

    private static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }

        return sum;
    }
}
