namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How long something takes, over several repeats.</summary>
/// <param name="Median">Seconds: half of the repeats took longer.</param>
/// <param name="Minimum">Seconds of the quickest repeat: what a busy machine disturbs least.</param>
/// <param name="Spread">The middle half of the repeats, from first to third quartile, as a fraction of the median.</param>
/// <param name="Repeats">How many repeats there were.</param>
internal sealed record Timing(double Median, double Minimum, double Spread, int Repeats)
{
    /// <summary>The timing of some repeats.</summary>
    /// <param name="seconds">Of each repeat; at least one.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static Timing Of(IReadOnlyCollection<double> seconds)
    {
        if (seconds.Count == 0)
        {
            throw new ArgumentException("A timing needs at least one repeat.", nameof(seconds));
        }

        double[] ordered = [.. seconds.Order()];
        double median = Quantile(ordered, 0.5);
        double middleHalf = Quantile(ordered, 0.75) - Quantile(ordered, 0.25);
        return new Timing(median, ordered[0], median > 0 ? middleHalf / median : 0, ordered.Length);
    }

    private static double Quantile(double[] ordered, double fraction)
    {
        double place = fraction * (ordered.Length - 1);
        int below = (int)place;
        double above = below + 1 < ordered.Length ? ordered[below + 1] : ordered[below];
        return ordered[below] + (place - below) * (above - ordered[below]);
    }
}
