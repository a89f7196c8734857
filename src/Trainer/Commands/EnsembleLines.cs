using System.Globalization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Commands;

/// <summary>What is printed of an ensemble's members.</summary>
internal static class EnsembleLines
{
    /// <summary>A line a member, and what they have in common.</summary>
    /// <param name="ensemble">The ensemble; null of a single network, of which there are none.</param>
    /// <param name="tested">What the digits are called that it is tested on.</param>
    public static IEnumerable<string> Of(EnsembleSummary? ensemble, string tested)
    {
        if (ensemble is null)
        {
            yield break;
        }

        int width = ensemble.Members.Max(member => member.Source.Length);
        int name = ensemble.Members.Max(member => member.Experiment.Length);
        foreach (EnsembleMemberResult member in ensemble.Members)
        {
            string seed = member.Seed is { } own ? $"seed {Excerpt.Of(own)}" : "";
            string misses = member.Test is { } test ? Invariant($"  {test.Misses,6:N0} {tested} misses") : "";
            yield return Invariant($"  {member.Source.PadRight(width)}  {member.Experiment.PadRight(name)}  {seed,-10}  {member.Parameters,9:N0} parameters")
                + misses;
        }

        if (ensemble is { MemberTestMisses: { } statistic, TestDisagreement: { } disagreement })
        {
            yield return Invariant($"members: {statistic.Mean:F1} ± {statistic.Sd:F1} {tested} misses, from {statistic.Min:F0} to {statistic.Max:F0}; ")
                + Invariant($"{disagreement.WrongTogether:N0} digits none of them gets right");
            yield return Invariant($"disagreement: two members answer differently for {disagreement.PairwisePercent:F2}% of the {tested} digits, ")
                + Invariant($"and not all the same for {disagreement.Disputed:N0} of them");
            if (disagreement.Dissent is { } dissent)
            {
                yield return "doubt: members that say otherwise than the ensemble, digits, and how many of these it gets wrong: "
                    + string.Join(", ", dissent.Select(alike => Invariant($"{alike.Members}: {alike.Digits:N0} ({alike.Misses:N0})")));
            }
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
