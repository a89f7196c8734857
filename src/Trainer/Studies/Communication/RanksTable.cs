using System.Globalization;
using GpuConvnet.Trainer.Studies.Benchmark;

namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>The times of ranks as lines.</summary>
internal static class RanksTable
{
    /// <summary>The lines.</summary>
    public static IEnumerable<string> Lines(RanksResult result)
    {
        StepParts seconds = result.Seconds;
        yield return Invariant($"{result.Ranks} {(result.Ranks == 1 ? "rank" : "ranks")} on {result.Machines} ")
            + Invariant($"{(result.Machines == 1 ? "machine" : "machines")}, {result.Threads} ")
            + Invariant($"{(result.Threads == 1 ? "thread" : "threads")} each, {result.Library}; ")
            + Invariant($"{result.Parameters:N0} parameters, {result.Batch:N0} examples in {result.Slices:N0} slices; median of {result.Repeats}");
        yield return Line("step", seconds.Step, seconds);
        yield return Line("  arithmetic", seconds.Arithmetic, seconds);
        yield return Line("  waiting", seconds.Waiting, seconds) + "  for the slowest rank";
        yield return Line("  moving", seconds.Moving, seconds) + "  gradients, and the agreement to go on";
        yield return Line("  update", seconds.Update, seconds) + "  on every rank";
        yield return Invariant($"expected (more than {result.Slices:N0} ranks have nothing to do: \"slices\" in the configuration), ")
            + "one rank like these per machine (docs/distributed.md has the model):";
        foreach (IGrouping<string, RanksPrediction> network in result.Predictions.GroupBy(prediction => prediction.Network))
        {
            yield return $"  {network.Key}";
            yield return "    ranks " + string.Concat(network.Select(one => Invariant($"{one.Ranks,11:N0}")));
            yield return "    step  " + string.Concat(network.Select(one => $"{BenchmarkTable.Duration(one.StepSeconds),11}"));
            yield return "    times " + string.Concat(network.Select(one => Invariant($"{one.Speedup,11:F1}")));
        }
    }

    private static string Line(string name, double seconds, StepParts all) =>
        $"{name,-14}{BenchmarkTable.Duration(seconds),10}" + Invariant($"{seconds / all.Step,8:P1}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
