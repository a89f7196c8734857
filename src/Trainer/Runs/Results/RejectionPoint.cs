namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What becomes of a split when the digits whose margin lies below a threshold are rejected.</summary>
/// <param name="Threshold">The threshold: a digit of this margin is kept.</param>
/// <param name="Rejected">How many digits are rejected.</param>
/// <param name="RejectedPercent">The same in percent of the split.</param>
/// <param name="Kept">How many are kept.</param>
/// <param name="Misses">How many of those are misclassified.</param>
/// <param name="ErrorPercent">The same in percent of the kept; null where none is.</param>
internal sealed record RejectionPoint(
    double Threshold, int Rejected, double RejectedPercent, int Kept, int Misses, double? ErrorPercent)
{
    /// <summary>The point of a threshold.</summary>
    /// <param name="threshold">The threshold.</param>
    /// <param name="rejected">How many digits it rejects.</param>
    /// <param name="misses">How many of the others are misclassified.</param>
    /// <param name="examples">How many digits there are in all.</param>
    public static RejectionPoint Of(double threshold, int rejected, int misses, int examples)
    {
        int kept = examples - rejected;
        double? error = kept == 0 ? null : 100.0 * misses / kept;
        return new RejectionPoint(threshold, rejected, 100.0 * rejected / examples, kept, misses, error);
    }
}
