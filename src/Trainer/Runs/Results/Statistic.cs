namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>A quantity over several runs.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="Sd">The standard deviation of the sample (n-1); 0 for a single run.</param>
/// <param name="Min">The smallest value.</param>
/// <param name="Max">The largest value.</param>
internal sealed record Statistic(double Mean, double Sd, double Min, double Max)
{
    /// <summary>The statistic of some values.</summary>
    /// <param name="values">At least one value.</param>
    /// <exception cref="ArgumentException">There are no values.</exception>
    public static Statistic Of(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            throw new ArgumentException("A statistic needs at least one value.", nameof(values));
        }

        double mean = values.Average();
        double squares = values.Sum(value => (value - mean) * (value - mean));
        double deviation = values.Count == 1 ? 0 : Math.Sqrt(squares / (values.Count - 1));
        return new Statistic(mean, deviation, values.Min(), values.Max());
    }
}
