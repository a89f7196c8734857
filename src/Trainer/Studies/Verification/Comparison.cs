namespace GpuConvnet.Trainer.Studies.Verification;

/// <summary>Collects the worst difference of each kind of comparison, over many cases.</summary>
internal sealed class Comparison
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, VerificationCheck> _checks = [];

    /// <summary>The checks, in the order in which their kinds first came.</summary>
    public IReadOnlyList<VerificationCheck> Checks => [.. _order.Select(what => _checks[what])];

    /// <summary>Compares values, with a tolerance of the difference itself.</summary>
    public void Absolute(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance) =>
        Compare(what, expected, actual, tolerance, isRelative: false);

    /// <summary>Compares values, with a tolerance of the difference relative to the largest expected value.</summary>
    public void Relative(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance) =>
        Compare(what, expected, actual, tolerance, isRelative: true);

    /// <summary>Compares two numbers, with a tolerance relative to the expected one.</summary>
    public void Relative(string what, double expected, double actual, double tolerance)
    {
        double difference = Math.Abs(expected - actual);
        Add(new VerificationCheck(what, difference, difference / Math.Max(Math.Abs(expected), 1e-30), tolerance, true));
    }

    /// <summary>Requires the same bits.</summary>
    public void Bits(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Absolute(what, expected, actual, tolerance: 0);

    private void Compare(
        string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance, bool isRelative)
    {
        double worst = expected.Length == actual.Length ? 0 : double.PositiveInfinity;
        double largest = 0;
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]);

            // What is no number must not slip through a comparison that it makes false.
            worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }

        Add(new VerificationCheck(
            what, worst, worst == 0 || double.IsInfinity(worst) ? worst : worst / Math.Max(largest, 1e-30), tolerance,
            isRelative));
    }

    private void Add(VerificationCheck check)
    {
        if (_checks.TryGetValue(check.What, out VerificationCheck? before))
        {
            check = check with
            {
                WorstAbsolute = Math.Max(before.WorstAbsolute, check.WorstAbsolute),
                WorstRelative = Math.Max(before.WorstRelative, check.WorstRelative),
            };
        }
        else
        {
            _order.Add(check.What);
        }

        _checks[check.What] = check;
    }
}
