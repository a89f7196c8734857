using System.Runtime.CompilerServices;

namespace GpuConvnet.Formats.TensorBoard;

/// <summary>How numbers are distributed: equal buckets from the least to the greatest, and exact sums.</summary>
public sealed class Distribution
{
    // TensorBoard draws 30; twice as many make those exact enough.
    private const int Buckets = 64;

    private Distribution(float least, float greatest, int count, double sum, double sumOfSquares, double[] limits, double[] counts)
    {
        (Least, Greatest, Count) = (least, greatest, count);
        (Sum, SumOfSquares, Limits, Counts) = (sum, sumOfSquares, limits, counts);
    }

    /// <summary>The least number.</summary>
    public double Least { get; }

    /// <summary>The greatest number.</summary>
    public double Greatest { get; }

    /// <summary>How many numbers there are.</summary>
    public int Count { get; }

    /// <summary>Their sum.</summary>
    public double Sum { get; }

    /// <summary>The sum of their squares.</summary>
    public double SumOfSquares { get; }

    /// <summary>
    /// Where each bucket ends, itself included; it begins where the one before ends. The first is empty and ends at
    /// <see cref="Least"/>: readers know a bucket's beginning from nothing else.
    /// </summary>
    public IReadOnlyCollection<double> Limits { get; }

    /// <summary>How many numbers each bucket holds.</summary>
    public IReadOnlyCollection<double> Counts { get; }

    // Called a few hundred times in a run: too seldom to be compiled well by itself in time.
    /// <summary>Counts numbers.</summary>
    /// <param name="numbers">At least one.</param>
    /// <returns>Their distribution; null where one of them is infinite or no number.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Distribution? Of(ReadOnlySpan<float> numbers)
    {
        float least = float.PositiveInfinity;
        float greatest = float.NegativeInfinity;
        double sum = 0;
        double sumOfSquares = 0;
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
            {
                return null;
            }

            least = Math.Min(least, number);
            greatest = Math.Max(greatest, number);
            sum += number;
            sumOfSquares += (double)number * number;
        }

        // Numbers that are all the same, as biases are before training, have a bucket of no width.
        double width = (double)greatest - least;
        int buckets = width > 0 ? Buckets : 1;
        double[] limits = [.. Enumerable.Range(0, buckets + 1).Select(bucket => least + width * bucket / buckets)];
        limits[^1] = greatest;
        double[] counts = new double[buckets + 1];
        foreach (float number in numbers)
        {
            int bucket = width > 0 ? Math.Clamp((int)(((double)number - least) / width * buckets), 1, buckets) : 1;

            // The division is rounded, and so are the limits: they have the last word.
            while (number > limits[bucket])
            {
                bucket++;
            }

            while (bucket > 1 && number <= limits[bucket - 1])
            {
                bucket--;
            }

            counts[bucket]++;
        }

        return new Distribution(least, greatest, numbers.Length, sum, sumOfSquares, limits, counts);
    }
}
