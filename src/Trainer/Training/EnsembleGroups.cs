using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// Which of a study's runs a device trains at once: those whose networks have the same kernels, digits and number of steps. In whatever
/// else is in a recipe each is on its own: seed, learning rates and how they fall, decay, momentum, shift, dropout.
/// </summary>
internal static class EnsembleGroups
{
    // On an H200 a step that a network takes alone takes as long as three presentations to 132 networks at once (docs/speed.md).
    private const int PresentationsOfAStep = 3;

    /// <summary>Groups runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <returns>Indices of those that are trained at once, by group; the others are trained one after the other.</returns>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<PlannedRun> runs) =>
    [
        .. from index in Enumerable.Range(0, runs.Count)
           where runs[index].Choice.UnsupportedAtOnce(runs[index].Configuration) is null
           group index by Kind.Of(runs[index])
           into together
           where together.Count() * PresentationsOfAStep >= together.Key.Rule.Batch
           select together.ToArray(),
    ];

    /// <summary>Why a device does not train a run together with others like it; null if it does.</summary>
    /// <param name="run">The run, whose step looks at no more examples than such a step may.</param>
    public static string ReasonAgainst(PlannedRun run) =>
        run.Choice.UnsupportedAtOnce(run.Configuration)
        ?? FormattableString.Invariant($"so few runs take steps of {run.Configuration.Batch} examples faster alone");

    private sealed record Kind(EngineChoice Choice, LoadedData Data, NetworkOptions Network, EnsembleRule Rule, long Steps)
    {
        public static Kind Of(PlannedRun run) => new(
            run.Choice, run.Data, run.Configuration.Network, EngineChoice.RuleOf(run.Configuration, run.Data.TrainCount),
            run.Configuration.TotalSteps);
    }
}
