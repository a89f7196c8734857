using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>The best point on the test split, with seeds that had no part in its choice.</summary>
/// <param name="Misses">Test digits classified wrongly; null when every run diverged.</param>
/// <param name="Runs">The runs, in the order of their seeds.</param>
internal sealed record SweepTest(Statistic? Misses, IReadOnlyList<SweepRun> Runs)
{
    /// <summary>The statistic over some runs.</summary>
    public static SweepTest Of(IReadOnlyList<SweepRun> runs)
    {
        double[] misses = [.. runs.Where(run => !run.Diverged).Select(run => (double)run.Test!.Misses)];
        return new SweepTest(misses.Length == 0 ? null : Statistic.Of(misses), runs);
    }
}
