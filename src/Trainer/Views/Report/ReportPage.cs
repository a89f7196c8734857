using System.Globalization;
using System.Text;
using System.Text.Json;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Views.Errors;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>
/// The report as one HTML file: what came out, and a drawing pad whose strokes the trained network classifies in the
/// page. It asks the network for nothing, and its content policy would not let it.
/// </summary>
internal static class ReportPage
{
    private const int MostMistakes = 120;

    // The paper's own figures, on its own digits: LeCun et al., "Backpropagation applied to handwritten zip code
    // recognition" (1989).
    private const double PaperTrainError = 0.14;
    private const double PaperTestError = 5.0;

    /// <summary>The script of a page with a drawing pad.</summary>
    public static string PadScript => PagePad.Script + HtmlPage.Resource("report.js");

    /// <summary>Makes the page.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="curves">How error and loss fell: an SVG for a light screen, one for a dark one, and what they show.</param>
    public static byte[] Of(IReadOnlyList<ReportedRun> runs, IReadOnlyList<(byte[] Light, byte[] Dark, string Shows)> curves)
    {
        string? withoutPad = runs.Select(run => PagePad.WhyNone(run.Name, run.Configuration)).FirstOrDefault(reason => reason is not null);
        bool hasPad = withoutPad is null;
        string script = hasPad ? PadScript : "";
        bool isAlone = runs.Count == 1;
        ReportedRun first = runs[0];
        Dictionary<string, string> places = new()
        {
            ["title"] = Escape(isAlone ? first.Name : string.Join(", ", runs.Select(run => run.Name))),
            ["description"] = Escape(isAlone ? first.Configuration.Description ?? "" : $"{runs.Count} runs, side by side"),
            ["summary"] = isAlone ? Tiles(first) : "",
            ["results"] = Results(runs),
            ["resultsNote"] = ResultsNote(runs),
            ["choice"] = isAlone ? "" : Choice(runs),
            ["pad"] = hasPad ? "" : "hidden",
            ["padNote"] = hasPad ? "" : $"<p class=\"note\">{Escape(withoutPad!)}</p>\n",
            ["outputsHeading"] = "The ten outputs",
            ["curves"] = string.Concat(curves.Select(curve => HtmlPage.Figure(curve.Light, curve.Dark, curve.Shows))),
            ["runs"] = string.Concat(runs.Select((run, index) => Section(run, index, isAlone))),
            ["footer"] = Escape($"Made by GpuConvnet's trainer {RunEnvironment.ProgramVersion}. " + (runs.All(run => run.Configuration.Is1989)
                ? "The network is that of LeCun et al. (1989), 9,760 parameters; "
                    + (runs.All(run => run.Configuration.Dataset.IsOwn) ? "the digits are the user's own."
                        : runs.Any(run => run.Article?.Paper is null)
                        ? "the experiments are those of Andrej Karpathy's article of 2022."
                        : "so is the training.")
                : $"The network has {string.Join(", ", runs.Select(run => Count(run.Configuration.ParameterCount)))} parameters.")),
            ["data"] = JsonSerializer.Serialize(
                new ReportData(hasPad ? [.. runs.Select(run => NetworkOf(run, runs.Count))] : []), ReportDataJson.Default.ReportData),
        };

        return HtmlPage.Fill("page.html", script, places);
    }

    private static string Tiles(ReportedRun run)
    {
        RunResult shown = run.Shown;
        bool isOne = run.Results.Count == 1;
        string seconds = Seconds(run.Results.Average(result => result.Seconds.Train));
        return $"""
            <dl class="tiles">
            <div><dt>{run.Tested} misses</dt><dd>{Misses(run, result => result.Test.Misses)} <small>of {Count(shown.Test.Examples)}</small></dd></div>
            <div><dt>{run.Tested} error</dt><dd>{Percent(run.Results.Average(result => result.Test.ErrorPercent))}</dd></div>
            <div><dt>training misses</dt><dd>{Misses(run, result => result.Train.Misses)} <small>of {Count(shown.Train.Examples)}</small></dd></div>
            <div><dt>{(isOne ? "training time" : "training time, a seed")}</dt><dd>{seconds}</dd></div>
            <div><dt>{(shown.Passes > 0 && run.Configuration.CountsPasses ? "passes" : "steps")}</dt><dd>{Count(run.Configuration.CountsPasses ? shown.Passes : shown.Steps)}</dd></div>
            </dl>

            """;
    }

    private static string Results(IReadOnlyList<ReportedRun> runs)
    {
        StringBuilder table = new();
        table.Append("<table><thead><tr><th scope=\"col\"></th><th scope=\"col\">training misses</th><th scope=\"col\">training error</th>");
        table.Append("<th scope=\"col\">test misses</th><th scope=\"col\">test error</th><th scope=\"col\">digits</th>");
        table.Append("<th scope=\"col\">training time</th>");
        PaperErrors? paper = runs.Select(run => run.Article?.Paper).OfType<PaperErrors>().FirstOrDefault();
        if (paper is not null)
        {
            table.Append("<th scope=\"col\">training MSE/2</th><th scope=\"col\">test MSE/2</th>");
        }

        table.Append("</tr></thead><tbody>\n");
        foreach (ReportedRun run in runs)
        {
            string tested = run.Configuration.IsValidation ? " (validation)" : "";
            Row(
                "ours",
                run.Results.Count == 1 ? run.Name : $"{run.Name}, {run.Results.Count} seeds",
                PaperErrors.Of(run.Configuration, run.Results),
                Misses(run, result => result.Train.Misses),
                Percent(run.Results.Average(result => result.Train.ErrorPercent)),
                Misses(run, result => result.Test.Misses) + tested,
                Percent(run.Results.Average(result => result.Test.ErrorPercent)),
                $"{Digits(run)}, {Count(run.Shown.Train.Examples)} / {Count(run.Shown.Test.Examples)}",
                Seconds(run.Results.Average(result => result.Seconds.Train)));
        }

        foreach (ArticleRow article in runs.Select(run => run.Article).OfType<ArticleRow>().Where(row => row.Paper is null).Distinct())
        {
            ReportedRun run = runs.First(run => run.Article == article);
            Row(
                "",
                runs.Count == 1 ? "the article" : $"the article, {article.Name}",
                errors: null,
                Count(article.TrainMisses),
                article.IsLarge ? "" : Percent(100.0 * article.TrainMisses / run.Shown.Train.Examples),
                Count(article.TestMisses),
                Percent(100.0 * article.TestMisses / run.Shown.Test.Examples),
                article.IsLarge ? "MNIST" : $"MNIST, {Count(run.Shown.Train.Examples)} / {Count(run.Shown.Test.Examples)}",
                article.Name == "1989-base" ? "90 s" : "");
        }

        if (runs.All(run => run.Configuration.Dataset.IsOwn))
        {
            // Neither the article nor the paper knows these digits.
            return table.Append("</tbody></table>").ToString();
        }

        ArticleRow own = ArticleRow.Table.Single(row => row.Paper is not null);
        Row("", "the paper of 1989", paper, Count(own.TrainMisses), Percent(PaperTrainError), Count(own.TestMisses), Percent(PaperTestError), "zip codes, 7,291 / 2,007",
            "3 days");
        return table.Append("</tbody></table>").ToString();

        void Row(string kind, string name, PaperErrors? errors, params string[] cells)
        {
            table.Append(CultureInfo.InvariantCulture, $"<tr class=\"{kind}\"><th scope=\"row\">{Escape(name)}</th>");
            string[] mse = paper is null ? [] : errors is null ? ["", ""] : [PaperErrors.Text(errors.TrainMse), PaperErrors.Text(errors.TestMse)];
            foreach (string cell in cells.Concat(mse))
            {
                table.Append(CultureInfo.InvariantCulture, $"<td>{Escape(cell)}</td>");
            }

            table.Append("</tr>\n");
        }
    }

    /// <summary>What a run's digits are called; of the user's own the folder tells which.</summary>
    private static string Digits(ReportedRun run) => DataSets.DisplayName(run.Shown.Dataset)
        + (run.Configuration.Files?.FolderName is { } folder ? $" ({folder})" : "");

    private static string ResultsNote(IReadOnlyList<ReportedRun> runs)
    {
        List<string> notes = [];
        if (runs.Any(run => run.Results.Count > 1))
        {
            notes.Add("Of several seeds: the mean ± the standard deviation.");
        }

        foreach (ReportedRun run in runs.Where(run => run.Results.Any(result => result.Interrupted || result.Failure is not null)))
        {
            notes.Add($"{run.Name} was interrupted: these are the results so far.");
        }

        if (runs.Any(run => run.Article?.Paper is not null))
        {
            notes.Add("MSE/2: mean squared error in the paper's convention as we read it, half the mean over the ten outputs.");
        }

        return notes.Count == 0 ? "" : $"<p class=\"note\">{Escape(string.Join(" ", notes))}</p>";
    }

    private static string Choice(IReadOnlyList<ReportedRun> runs)
    {
        string options = string.Concat(runs.Select(run => $"<option>{Escape(run.Name)}</option>"));
        return $"<p><label for=\"network\">The network of</label> <select id=\"network\">{options}</select></p>";
    }

    /// <summary>What belongs to one of the runs: confusions, seeds, configuration, environment.</summary>
    private static string Section(ReportedRun run, int index, bool isAlone)
    {
        StringBuilder section = new();
        section.Append(CultureInfo.InvariantCulture, $"<div data-run=\"{index}\">\n");
        string of = isAlone ? "" : $" of {Escape(run.Name)}";
        if (run.Errors is { } errors)
        {
            section.Append(CultureInfo.InvariantCulture, $"<section><h2>Confusions{of}</h2>\n");
            section.Append("<p class=\"note\">A row is a true digit, a column what the network took it for.</p>\n");
            section.Append("<div class=\"wide\">").Append(Confusions(errors.Confusion)).Append("</div></section>\n");
        }

        if (run.Results.Count > 1)
        {
            section.Append(CultureInfo.InvariantCulture, $"<section><h2>Seeds{of}</h2><div class=\"wide\">{Seeds(run)}</div></section>\n");
        }

        string configuration = Encoding.UTF8.GetString(ConfigurationFile.Serialize(run.Configuration));
        section.Append(CultureInfo.InvariantCulture, $"<section><h2>How it was made{of}</h2>\n{Facts(run)}");
        section.Append(HtmlPage.Details("Configuration", configuration)).Append("</section>\n");
        return section.Append("</div>\n").ToString();
    }

    /// <summary>A matrix of confusions as a table.</summary>
    public static string Confusions(ConfusionMatrix confusion)
    {
        StringBuilder table = new("<table class=\"confusion\"><thead><tr><th scope=\"col\">true</th>");
        for (int predicted = 0; predicted < Shape1989.Outputs; predicted++)
        {
            table.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\">{predicted}</th>");
        }

        table.Append("<th scope=\"col\">missed</th></tr></thead><tbody>\n");
        for (int label = 0; label < Shape1989.Outputs; label++)
        {
            table.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{label}</th>");
            for (int predicted = 0; predicted < Shape1989.Outputs; predicted++)
            {
                int count = confusion[label, predicted];
                string kind = label == predicted ? "right" : count == 0 ? "" : 2 * count > confusion.MostConfused ? "some" : "few";
                table.Append(CultureInfo.InvariantCulture, $"<td class=\"{kind}\">{(count == 0 ? "" : count)}</td>");
            }

            table.Append(CultureInfo.InvariantCulture, $"<td>{confusion.Misses(label)} of {confusion.Examples(label)}</td></tr>\n");
        }

        return table.Append("</tbody></table>").ToString();
    }

    private static string Seeds(ReportedRun run) => HtmlPage.Table(
        ["seed", "training misses", $"{run.Tested} misses", $"{run.Tested} error", "training time"],
        run.Results.Select(result => (string[])
        [
            $"{result.Seed}",
            Count(result.Train.Misses),
            Count(result.Test.Misses),
            Percent(result.Test.ErrorPercent),
            Seconds(result.Seconds.Train),
        ]));

    private static string Facts(ReportedRun run)
    {
        RunEnvironment? environment = run.Environment;
        (string Name, string? Value)[] facts =
        [
            ("started", environment?.Started.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
            ("command", environment is null ? null : string.Join(" ", environment.Arguments.Prepend("trainer"))),
            ("trained on", $"{run.Shown.Accelerator}: {run.Shown.Device}"),
            ("kernels", run.Shown.Kernels is { } kernels ? ConfigurationNames.Kernels[kernels] : null),
            ("driver", environment?.Driver),
            ("processor", environment is null ? null : $"{environment.Processor}, {environment.Cores} cores"),
            ("system", environment is null ? null : $"{environment.OperatingSystem}, {environment.DotNet}"),
            ("program", environment?.Program),
            ("parameters", $"SHA-256 {run.Shown.ParametersSha256}{(run.Results.Count > 1 ? $" (seed {run.Shown.Seed})" : "")}"),
        ];
        return "<dl class=\"facts\">" + string.Concat(facts
            .Where(fact => !string.IsNullOrEmpty(fact.Value))
            .Select(fact => $"<dt>{fact.Name}</dt><dd>{Escape(fact.Value!)}</dd>")) + "</dl>\n";
    }

    private static ReportData.Network NetworkOf(ReportedRun run, int runs)
    {
        using IClassifier network = run.CreateNetwork();
        ExperimentConfiguration configuration = run.Configuration;
        string seeds = run.Results.Count > 1 ? $"The network of seed {run.Shown.Seed}" : "The network";
        PageDigits digits = run is { Test: { } test, Errors: { } errors }
            ? PageDigits.Of(network, test, errors, seeds, run.Tested, MostMistakes / runs)
            : PageDigits.None(run.WithoutDigits ?? "");
        return new ReportData.Network
        {
            Name = run.Name,
            Loss = configuration.Loss.Name,
            Layers = PageLayer.Of(configuration.Layers.Chain.Layers)!,
            Frame = PagePad.FrameOf(configuration.Dataset),
            Parameters = PageDigits.Base64(run.Parameters),
            Samples = digits.Samples,
            MistakesNote = digits.MistakesNote,
            Mistakes = digits.Mistakes,
        };
    }

    private static string Misses(ReportedRun run, Func<RunResult, int> misses)
    {
        Statistic statistic = Statistic.Of([.. run.Results.Select(result => (double)misses(result))]);
        return run.Results.Count == 1
            ? Count((long)statistic.Mean)
            : $"{Number(statistic.Mean, "#,##0.0")} ± {Number(statistic.Sd, "0.0")}";
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => Number(seconds, seconds < 0.1 ? "0.0000" : seconds < 10 ? "0.00" : "0.0") + " s";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Percent(double percent) => Number(percent, "0.00") + "%";

    private static string Escape(string text) => HtmlPage.Escape(text);
}
