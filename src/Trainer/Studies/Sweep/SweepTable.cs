using System.Globalization;
using System.Text;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>A sweep's ranking, for a terminal and for a spreadsheet.</summary>
internal static class SweepTable
{
    /// <summary>How many points are printed; the files hold all.</summary>
    public const int MostPrinted = 20;

    /// <summary>The best points in lines of even columns.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<SweepStanding> ranking)
    {
        yield return "rank  point  runs  validation misses: mean     sd    min    max         loss  train misses  seconds  settings";
        foreach (SweepStanding standing in ranking.Take(MostPrinted))
        {
            string diverged = standing.Diverged == 0 ? "" : Invariant($"  ({standing.Diverged} diverged)");
            string misses = standing.ValidationMisses is { } statistic
                ? Invariant($"{statistic.Mean,23:F1}  {statistic.Sd,5:F1}  {statistic.Min,5:F0}  {statistic.Max,5:F0}")
                    + Invariant($"  {standing.ValidationLoss!.Mean,11:0.000000}  {standing.TrainMisses!.Mean,12:F1}")
                : $"{"diverged",-69}";
            yield return Invariant($"{standing.Rank,4}  {standing.Point,5}  {standing.Runs.Count,4}  {misses}")
                + Invariant($"  {standing.Seconds.Mean,7:F2}  {SweepPoint.Text(standing.Settings)}{diverged}");
        }

        if (ranking.Count > MostPrinted)
        {
            yield return Invariant($"and {ranking.Count - MostPrinted:N0} more points, which --json prints and --out saves");
        }
    }

    /// <summary>All points as comma-separated values: a header, then one line per point, best first.</summary>
    /// <param name="ranking">The points.</param>
    /// <param name="paths">The settings' JSON paths, a column each.</param>
    public static string Csv(IReadOnlyList<SweepStanding> ranking, IEnumerable<string> paths)
    {
        string[] columns = [.. paths];
        StringBuilder table = new("rank,point,");
        table.AppendJoin("", columns.Select(path => Quoted(path) + ","));
        table.Append("runs,diverged,validationMissesMean,validationMissesSd,validationMissesMin,validationMissesMax,");
        table.Append("validationLossMean,trainMissesMean,secondsMean\n");
        foreach (SweepStanding standing in ranking)
        {
            Statistic? misses = standing.ValidationMisses;
            table.Append(CultureInfo.InvariantCulture, $"{standing.Rank},{standing.Point},");
            table.AppendJoin("", columns.Select(path => Quoted(SweepPoint.ValueText(standing.Settings[path])) + ","));
            table.Append(CultureInfo.InvariantCulture, $"{standing.Runs.Count},{standing.Diverged},");
            table.Append(CultureInfo.InvariantCulture, $"{misses?.Mean},{misses?.Sd},{misses?.Min},{misses?.Max},");
            table.Append(CultureInfo.InvariantCulture, $"{standing.ValidationLoss?.Mean},{standing.TrainMisses?.Mean},");
            table.Append(CultureInfo.InvariantCulture, $"{standing.Seconds.Mean}\n");
        }

        return table.ToString();
    }

    private static string Quoted(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0
        ? text
        : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
