using System.Text;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>The table as text: aligned for a terminal, and as Markdown.</summary>
internal static class ReproductionTable
{
    /// <summary>Marks numbers that the article's lie far from.</summary>
    private const string FarMark = "*";

    /// <summary>The lines for a terminal.</summary>
    public static IEnumerable<string> Lines(ReproductionResult result)
    {
        string[] header = Header(result.PyTorch);
        string[][] cells = [header, .. result.Rows.SelectMany(row => Answers(row, result.PyTorch))];
        int[] widths = [.. header.Select((_, column) => cells.Max(line => line[column].Length))];
        foreach (string[] line in cells)
        {
            yield return string.Join("  ", line.Select((text, column) =>
                column <= 1 ? text.PadRight(widths[column]) : text.PadLeft(widths[column]))).TrimEnd();
        }

        foreach (string note in Notes(result))
        {
            yield return note;
        }
    }

    /// <summary>The whole as a Markdown document.</summary>
    public static string Markdown(ReproductionResult result)
    {
        StringBuilder text = new();
        text.Append("# The article's table and the paper's row, and ours\n\n");
        string[] header = Header(result.PyTorch);
        AppendRow(text, header);
        AppendRow(text, [.. header.Select((_, column) => column <= 1 ? "---" : "---:")]);
        foreach (string[] answer in result.Rows.SelectMany(row => Answers(row, result.PyTorch)))
        {
            AppendRow(text, answer);
        }

        text.Append("\n![Test misses](table.png)\n\n");
        foreach (string note in Notes(result))
        {
            text.Append("- ").Append(note).Append('\n');
        }

        return text.ToString();
    }

    private static string[] Header(PyTorchPace pace) =>
    [
        "experiment", "engine", "article or paper, train / test", "train misses", "test misses", "min-max", "seeds", "steps", "time",
        pace.IsMeasured ? "of PyTorch's" : "PyTorch, elsewhere",
    ];

    private static IEnumerable<string[]> Answers(ReproducedRow row, PyTorchPace pace)
    {
        if (row.PerExample is { } perExample)
        {
            yield return Line(row, "per example", perExample, pace);
        }

        if (row.FullBatch is { } fullBatch)
        {
            yield return Line(row, "full batch", fullBatch, pace);
        }
    }

    private static string[] Line(ReproducedRow row, string engine, ReproductionCell cell, PyTorchPace pace) =>
    [
        row.Name,
        engine == "per example" || cell.Accelerator == "host" ? engine : $"{engine}, {cell.Accelerator}",
        Invariant($"{row.ArticleTrainMisses} / {row.ArticleTestMisses}"),
        MeanAndSd(cell.TrainMisses, cell.Seeds.Count),
        MeanAndSd(cell.TestMisses, cell.Seeds.Count) + (cell.IsFarFromArticle == true ? FarMark : ""),
        Invariant($"{cell.TestMisses.Min:F0}-{cell.TestMisses.Max:F0}"),
        Invariant($"{cell.Seeds.Count}"),
        Invariant($"{cell.Steps:N0}") + (cell.StepsOfConfiguration is long whole ? Invariant($" of {whole:N0}") : ""),
        Invariant($"{cell.Seconds:F2} s"),
        pace.IsMeasured ? SpeedUp(cell) : row.PyTorchSeconds is { } seconds ? Invariant($"({seconds:N0} s)") : "",
    ];

    private static string SpeedUp(ReproductionCell cell) =>
        cell.StepsOfConfiguration is not null || cell.SpeedUp is not { } speedUp ? ""
        : speedUp >= 1 ? Invariant($"{speedUp:F0}x faster")
        : Invariant($"{1 / speedUp:F1}x slower");

    private static string MeanAndSd(Statistic misses, int seeds) =>
        seeds == 1 ? Invariant($"{misses.Mean:F0}") : Invariant($"{misses.Mean:F1} ± {misses.Sd:F1}");

    private static IEnumerable<string> Notes(ReproductionResult result)
    {
        ReproductionCell[] cells = [.. result.Rows.SelectMany(Cells)];
        yield return $"{result.Command}, {result.Date:yyyy-MM-dd}, {result.Processor}, "
            + Invariant($"{result.Cores} {(result.Cores == 1 ? "core" : "cores")}, .NET {result.Runtime}; ")
            + string.Join("; ", cells.Select(cell => cell.Dataset).Distinct().Select(name => $"digits: {name}"));
        foreach (ReproducedRow row in result.Rows)
        {
            if (row.Paper is { } paper)
            {
                ReproductionCell cell = (row.PerExample ?? row.FullBatch)!;
                yield return $"{row.Name}: beside it stand the paper's numbers; its mean squared errors are {PaperErrors.Text(paper.TrainMse)} and "
                    + $"{PaperErrors.Text(paper.TestMse)}"
                    + (cell is { TrainMse: { } train, TestMse: { } test }
                        ? $", ours {PaperErrors.Text(train.Mean)} and {PaperErrors.Text(test.Mean)} as half the mean over the outputs"
                        : "");
            }
        }

        if (result.Rows.Any(row => Cells(row).Any(
            cell => cell.Dataset != (row.Paper is null ? DataSets.Mnist.Name : DataSets.Usps.Name))))
        {
            yield return "the article's numbers are MNIST's, the paper's USPS's; these are of other digits and not comparable";
        }

        yield return "misses: mean ± standard deviation over the seeds, of 2,007 test digits; time: training alone, the median run's, "
            + $"of {StudyTraining.Cores}";
        yield return Invariant($"PyTorch ({result.PyTorch.Source}): {result.PyTorch.PlainSeconds * 1e3:F2} ms an example with tanh and SGD, ")
            + Invariant($"{result.PyTorch.ModernSeconds * 1e3:F2} ms with the improvements, times the article's presentations");
        if (!result.PyTorch.IsMeasured)
        {
            yield return "PyTorch was not timed on this machine: its times are another one's, and say nothing about how much faster this is; "
                + "--python names a Python that has it";
        }

        if (cells.Any(cell => cell.IsFarFromArticle == true))
        {
            yield return $"{FarMark} the test misses of article or paper lie more than two standard deviations away; docs/choices.md says why";
        }

        if (cells.Any(cell => cell.StepsOfConfiguration is not null))
        {
            yield return "--quick cuts full-batch trainings short: their misses are not what the configurations reach";
        }

        if (result.Interrupted)
        {
            yield return "interrupted: not all runs are there yet; the same command goes on";
        }
    }

    private static IEnumerable<ReproductionCell> Cells(ReproducedRow row) =>
        new[] { row.PerExample, row.FullBatch }.OfType<ReproductionCell>();

    private static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
