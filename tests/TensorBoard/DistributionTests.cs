using GpuConvnet.Formats.TensorBoard;


namespace GpuConvnet.Tests.TensorBoard;

public sealed class DistributionTests
{
    [Theory]
    [InlineData(1, 0f, 1f)]
    [InlineData(2, -1e-30f, 1e30f)]
    [InlineData(3, 0.1f, 1e-7f)]
    [InlineData(4, 0f, float.MaxValue)]
    public void Every_number_is_in_the_bucket_whose_limits_enclose_it(int seed, float centre, float scale)
    {
        Random random = new(seed);
        float[] numbers = [.. Enumerable.Range(0, 5_000).Select(_ => centre + scale * (2 * random.NextSingle() - 1))];

        Distribution histogram = Distribution.Of(numbers)!;

        double[] limits = [.. histogram.Limits];
        double[] counts = new double[limits.Length];
        foreach (float number in numbers)
        {
            counts[Array.FindIndex(limits, limit => number <= limit) is 0 ? 1 : Array.FindIndex(limits, limit => number <= limit)]++;
        }

        Assert.Equal(counts, histogram.Counts);
        Assert.Equal(limits.Order(), limits);
        Assert.Equal(numbers.Min(), histogram.Least);
        Assert.Equal(numbers.Max(), histogram.Greatest);
        Assert.Equal((histogram.Least, histogram.Greatest), (limits[0], limits[^1]));
        Assert.Equal(numbers.Length, histogram.Count);
        Assert.Equal(numbers.Sum(number => (double)number), histogram.Sum);
        Assert.Equal(numbers.Sum(number => (double)number * number), histogram.SumOfSquares);
    }

    [Fact]
    public void Numbers_that_are_all_the_same_are_in_one_bucket()
    {
        Distribution histogram = Distribution.Of([-1f, -1f, -1f])!;

        Assert.Equal([-1, -1], histogram.Limits);
        Assert.Equal([0, 3], histogram.Counts);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_no_finite_number_has_no_place_in_one(float number) => Assert.Null(Distribution.Of([1f, number, 2f]));
}
