using System.Numerics;

namespace GpuConvnet.Model.Verification;

/// <summary>
/// Collects the worst difference of each kind of comparison, over many cases. What is no number, or of another length, is
/// infinitely far from what was expected. Not safe for use by several threads at once.
/// </summary>
public sealed class Comparison
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, VerificationCheck> _checks = [];

    /// <summary>The checks, in the order in which their kinds first came.</summary>
    public IReadOnlyList<VerificationCheck> Checks => [.. _order.Select(what => _checks[what])];

    /// <summary>Compares values, with a tolerance of the difference itself.</summary>
    /// <param name="what">The kind of comparison: those of one kind become one check.</param>
    /// <param name="expected">(values).</param>
    /// <param name="actual">(values), in the same order.</param>
    /// <param name="tolerance">The largest difference that passes, in the values' own unit.</param>
    public void Absolute(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance) =>
        Compare(what, expected, actual, tolerance, isRelative: false);

    /// <summary>Compares values, with a tolerance of the difference relative to the largest expected value.</summary>
    /// <param name="what">The kind of comparison: those of one kind become one check.</param>
    /// <param name="expected">(values).</param>
    /// <param name="actual">(values), in the same order.</param>
    /// <param name="tolerance">The largest difference that passes, as a part of the largest expected value.</param>
    public void Relative(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double tolerance) =>
        Compare(what, expected, actual, tolerance, isRelative: true);

    /// <inheritdoc cref="Relative(string, ReadOnlySpan{float}, ReadOnlySpan{float}, double)"/>
    public void Relative(string what, ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance) =>
        Compare(what, expected, actual, tolerance, isRelative: true);

    /// <summary>Compares two numbers, with a tolerance relative to the expected one.</summary>
    /// <param name="what">The kind of comparison: those of one kind become one check.</param>
    /// <param name="expected">The number that it should be.</param>
    /// <param name="actual">The number that it is.</param>
    /// <param name="tolerance">The largest difference that passes, as a part of the expected number.</param>
    public void Relative(string what, double expected, double actual, double tolerance)
    {
        double difference = Math.Abs(expected - actual);
        Add(new VerificationCheck(what, difference, difference / Math.Max(Math.Abs(expected), 1e-30), tolerance, true));
    }

    /// <summary>Requires the same values: the same bits, but that 0 and -0 are the same.</summary>
    /// <param name="what">The kind of comparison: those of one kind become one check.</param>
    /// <param name="expected">(values).</param>
    /// <param name="actual">(values), in the same order.</param>
    public void Bits(string what, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Absolute(what, expected, actual, tolerance: 0);

    private void Compare<TValue>(
        string what, ReadOnlySpan<TValue> expected, ReadOnlySpan<TValue> actual, double tolerance, bool isRelative)
        where TValue : struct, IFloatingPointIeee754<TValue>
    {
        double worst = expected.Length == actual.Length ? 0 : double.PositiveInfinity;
        double largest = 0;
        for (int i = 0; i < Math.Min(expected.Length, actual.Length); i++)
        {
            double wanted = double.CreateTruncating(expected[i]);
            double difference = Math.Abs(wanted - double.CreateTruncating(actual[i]));

            // What is no number must not slip through a comparison that it makes false.
            worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
            largest = Math.Max(largest, Math.Abs(wanted));
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
