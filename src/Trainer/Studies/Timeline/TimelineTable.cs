using System.Text;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>The timeline as text: aligned for a terminal, and as Markdown.</summary>
internal static class TimelineTable
{
    private static readonly string[] s_header =
    [
        "year", "experiment", "what it changes", "test misses", "min-max", "seeds", "training", "parameters", "multiply-accumulates",
    ];

    // Texts to the left, numbers to the right.
    private const int LastText = 2;

    /// <summary>The lines for a terminal.</summary>
    public static IEnumerable<string> Lines(TimelineResult result)
    {
        string[][] cells = [s_header, .. result.Rows.Select(Cells)];
        int[] widths = [.. s_header.Select((_, column) => cells.Max(line => line[column].Length))];
        foreach (string[] line in cells)
        {
            yield return string.Join("  ", line.Select((text, column) =>
                column <= LastText ? text.PadRight(widths[column]) : text.PadLeft(widths[column]))).TrimEnd();
        }

        foreach (string note in Notes(result))
        {
            yield return note;
        }
    }

    /// <summary>The whole as a Markdown document.</summary>
    public static string Markdown(TimelineResult result)
    {
        StringBuilder text = new("# The timeline\n\n");
        Append(s_header);
        Append([.. s_header.Select((_, column) => column <= LastText ? "---" : "---:")]);
        foreach (TimelinePoint point in result.Rows)
        {
            Append(Cells(point));
        }

        text.Append($"\n![Test misses from 1989 to 2026]({TimelinePlot.Name}.png)\n\n");
        foreach (string note in Notes(result))
        {
            text.Append("- ").Append(note).Append('\n');
        }

        return text.ToString();

        void Append(IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
    }

    /// <summary>Seconds, as long as a reader wants them.</summary>
    /// <param name="seconds">The seconds.</param>
    private static string Text(double seconds) => seconds < 10 ? Invariant($"{seconds:F1} s") : Invariant($"{seconds:F0} s");

    private static string[] Cells(TimelinePoint point) =>
    [
        Invariant($"{point.Year}"),
        point.Experiment,
        point.Change + (point is { TeacherTestMisses: { } misses, TeacherSeconds: { } seconds }
            ? Invariant($" (teacher: {misses} misses after {Text(seconds)})")
            : ""),
        point.TestMisses.Sd == 0 && point.TestMisses.Min == point.TestMisses.Max
            ? Invariant($"{point.TestMisses.Mean:F0}")
            : Invariant($"{point.TestMisses.Mean:F1} ± {point.TestMisses.Sd:F1}"),
        Invariant($"{point.TestMisses.Min:F0}-{point.TestMisses.Max:F0}"),
        Invariant($"{point.Seeds.Count}"),
        Text(point.TrainSeconds),
        Invariant($"{point.Parameters:N0}"),
        Invariant($"{point.MultiplyAccumulates:N0}"),
    ];

    private static IEnumerable<string> Notes(TimelineResult result)
    {
        yield return $"{result.Command}, {result.Date:yyyy-MM-dd}, {result.Processor}, "
            + Invariant($"{result.Cores} {(result.Cores == 1 ? "core" : "cores")}, .NET {result.Runtime}; ")
            + $"digits: {string.Join(", ", result.Rows.Select(row => row.Dataset).Distinct())}";
        string tested = string.Join(
            " or ", result.Rows.Select(row => row.TestDigits).Distinct().Select(digits => Invariant($"{digits:N0}")));
        yield return $"misses: mean ± standard deviation over the seeds, of {tested} test digits; training: the median run's time, of "
            + $"{StudyTraining.Cores}; parameters and multiply-accumulates: of what classifies a digit";
        if (result.Interrupted)
        {
            yield return "interrupted: not all runs are there yet; the same command goes on";
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
