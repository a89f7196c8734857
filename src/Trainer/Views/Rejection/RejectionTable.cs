using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Views.Rejection;

/// <summary>Some points of a rejection curve, for a terminal.</summary>
internal static class RejectionTable
{
    /// <summary>The shares, in percent, that the table goes through.</summary>
    private static readonly double[] s_shares = [0, 0.5, 1, 2, 5, 10, 15, 20, 30, 50];

    /// <summary>The table, and what it says.</summary>
    /// <param name="split">The curve.</param>
    /// <param name="marginOf">What the margin is the difference of: outputs or probabilities.</param>
    /// <param name="target">The error that is aimed at, in percent.</param>
    /// <param name="threshold">The threshold of <c>--reject-below</c>, when it was given.</param>
    public static IEnumerable<string> Lines(SplitCurve split, string marginOf, double target, double? threshold)
    {
        RejectionCurve curve = split.Curve;
        RejectionPoint? least = curve.LeastFor(target);
        RejectionPoint? own = threshold is { } given ? curve.At(given) : null;
        yield return "";
        yield return $"{split.Split} digits, rejected by their margin, the difference of the two highest {marginOf}";
        yield return "           rejected       misses of the kept       error    margin below";

        // A threshold of one's own is shown as it was given, though another rejects the same digits.
        IEnumerable<RejectionPoint> rows = new[] { own, least }.OfType<RejectionPoint>()
            .Concat(s_shares.Select(curve.MostWithin))
            .DistinctBy(point => point.Rejected)
            .OrderBy(point => point.Rejected);
        foreach (RejectionPoint row in rows)
        {
            string mark = (row.Rejected == least?.Rejected ? Invariant($"  <- the least for {target}%") : "")
                + (row == own ? "  <- --reject-below" : "");
            string error = row.ErrorPercent is { } percent ? Invariant($"{percent:F2}%") : "-";
            yield return Invariant(
                $"{row.RejectedPercent,8:F2}%  {row.Rejected,8:N0}  {row.Misses,11:N0} of {row.Kept,10:N0}  {error,10}  {row.Threshold,14}{mark}");
        }

        yield return Verdict(split, target, least);
        if (own is not null)
        {
            yield return Invariant($"--reject-below {own.Threshold} rejects {own.RejectedPercent:F2}% of the {split.Split} digits ")
                + (own.ErrorPercent is { } percent ? Invariant($"and leaves {percent:F2}% errors") : "and keeps none");
        }
    }

    /// <summary>What a threshold that is read off such a table is worth.</summary>
    public const string Caution =
        "A threshold read off these digits describes them and promises nothing of others; the paper's was read off its test digits too.";

    private static string Verdict(SplitCurve split, double target, RejectionPoint? least) => least switch
    {
        null => Invariant($"at most {target}% errors: no threshold leaves so few of the {split.Split} digits that it keeps"),
        { Rejected: 0 } => Invariant($"at most {target}% errors: nothing needs to be rejected, {least.ErrorPercent:F2}% are there"),
        _ => Invariant($"at most {target}% errors: reject {least.RejectedPercent:F2}% of the {split.Split} digits, ")
            + Invariant($"those with a margin below {least.Threshold}; {least.ErrorPercent:F2}% of the rest are errors"),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
