namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What several seeds of one experiment have in common, at the end of their training.</summary>
/// <param name="TestMisses">Test digits classified wrongly.</param>
/// <param name="TrainMisses">Training digits classified wrongly.</param>
/// <param name="TestLoss">The mean loss over the test digits.</param>
/// <param name="BeforeTestMisses">Test digits classified wrongly before training; null where the weights were drawn.</param>
internal sealed record RunsSummary(
    Statistic TestMisses, Statistic TrainMisses, Statistic TestLoss, Statistic? BeforeTestMisses)
{
    /// <summary>The summary of some runs.</summary>
    /// <param name="runs">At least one run.</param>
    public static RunsSummary Of(IReadOnlyCollection<RunResult> runs) => new(
        Statistic.Of([.. runs.Select(run => (double)run.Test.Misses)]),
        Statistic.Of([.. runs.Select(run => (double)run.Train.Misses)]),
        Statistic.Of([.. runs.Select(run => run.Test.Loss)]),
        runs.All(run => run.Before is not null)
            ? Statistic.Of([.. runs.Select(run => (double)run.Before!.Test.Misses)])
            : null);
}
