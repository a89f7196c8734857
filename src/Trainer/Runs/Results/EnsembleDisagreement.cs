using GpuConvnet.Model.Ensembles;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How often an ensemble's members disagree on a split, as results record it.</summary>
/// <param name="PairwisePercent">For how many of the digits two members answer differently: in percent, the mean of all pairs.</param>
/// <param name="Disputed">How many digits there are for which they have more than one answer between them.</param>
/// <param name="WrongTogether">How many digits every member misclassifies.</param>
/// <param name="Dissent">By how many members answer otherwise than the ensemble: only those numbers that occur, ascending.</param>
internal sealed record EnsembleDisagreement(
    double PairwisePercent, int Disputed, int WrongTogether, IReadOnlyList<EnsembleDissent>? Dissent)
{
    /// <summary>The record of an evaluation; null of none.</summary>
    /// <param name="evaluation">The evaluation.</param>
    public static EnsembleDisagreement? Of(EnsembleEvaluation? evaluation) => evaluation is null
        ? null
        : new EnsembleDisagreement(
            evaluation.PairwisePercent,
            evaluation.Disputed,
            evaluation.WrongTogether,
            [.. evaluation.ByDissent
                .Select((alike, members) => new EnsembleDissent(members, alike.Examples, alike.Misses))
                .Where(alike => alike.Digits > 0)]);
}
