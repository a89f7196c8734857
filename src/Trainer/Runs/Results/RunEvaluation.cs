using GpuConvnet.Model;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How well the network does on one split, as results record it.</summary>
/// <param name="Examples">The split's size.</param>
/// <param name="Loss">The mean loss over the whole split.</param>
/// <param name="ErrorPercent">The misses in percent of the examples.</param>
/// <param name="Misses">How many digits are classified wrongly.</param>
internal sealed record RunEvaluation(int Examples, double Loss, double ErrorPercent, int Misses)
{
    /// <summary>The record of an evaluation.</summary>
    /// <param name="evaluation">The evaluation.</param>
    public static RunEvaluation Of(Evaluation evaluation) =>
        new(evaluation.Examples, evaluation.Loss, evaluation.ErrorPercent, evaluation.Misses);
}
