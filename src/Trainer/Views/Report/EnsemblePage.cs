using System.Globalization;
using System.Text.Json;
using GpuConvnet.Model.Ensembles;
using GpuConvnet.Trainer.Runs.Models;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>The page of an ensemble: how its members do alone and together, its mistakes, and a pad that all of them read.</summary>
internal static class EnsemblePage
{
    private const int MostMistakes = 120;

    /// <summary>Makes the page.</summary>
    /// <param name="reported">The ensemble.</param>
    public static byte[] Of(ReportedEnsemble reported)
    {
        SavedEnsemble ensemble = reported.Ensemble;
        string? withoutPad = WithoutPad(ensemble);
        string of = string.Create(CultureInfo.InvariantCulture, $"{ensemble.Members.Count} networks");
        string average = ensemble.Averaging.IsOfOutputs && ensemble.Averaging.Average == OutputAverage.Probabilities
            ? "outputs" : AverageNames.All[ensemble.Averaging.Average];
        Dictionary<string, string> places = new()
        {
            ["title"] = Escape(ensemble.Name),
            ["description"] = Escape($"{of} as one: their {average} are averaged."),
            ["summary"] = Tiles(reported),
            ["results"] = Results(reported),
            ["resultsNote"] = Note(reported),
            ["choice"] = "",
            ["pad"] = withoutPad is null ? "" : "hidden",
            ["padNote"] = $"<p class=\"note\">{Escape(withoutPad ?? "All networks read what is drawn; the layers that are shown are those of the first.")}</p>\n",
            ["outputsHeading"] = "The ten outputs",
            ["curves"] = "<p class=\"note\">An ensemble is not trained. Its networks were, each by itself; their runs have pages of their own.</p>",
            ["runs"] = Section(reported),
            ["footer"] = Escape($"Made by GpuConvnet's trainer {RunEnvironment.ProgramVersion}. The networks have "
                + $"{Count(ensemble.Members.Sum(member => (long)member.Parameters.Length))} parameters in all."),
            ["data"] = JsonSerializer.Serialize(
                new ReportData(withoutPad is null ? [NetworkOf(reported)] : []), ReportDataJson.Default.ReportData),
        };
        return HtmlPage.Fill("page.html", withoutPad is null ? ReportPage.PadScript : "", places);
    }

    /// <summary>Why a page cannot run the networks; null if it can.</summary>
    private static string? WithoutPad(SavedEnsemble ensemble) =>
        ensemble.Members.Sum(member => (long)member.Parameters.Length) is > PagePad.MostParameters and var all
            ? $"There is no drawing pad: {Count(all)} parameters are more than a page should carry, {Count(PagePad.MostParameters)}."
        : ensemble.Members.Any(member => PageLayer.Of(member.Configuration.Layers.Chain.Layers) is null)
            ? "There is no drawing pad: the page's script cannot run every layer of every network."
        : null;

    private static string Tiles(ReportedEnsemble reported)
    {
        if (reported.Evaluation is not { Test: { } test, Ensemble: { MemberTestMisses: { } alone, TestDisagreement: { } disagreement } })
        {
            return "";
        }

        return $"""
            <dl class="tiles">
            <div><dt>{reported.Tested} misses together</dt><dd>{Count(test.Misses)} <small>of {Count(test.Examples)}</small></dd></div>
            <div><dt>{reported.Tested} error</dt><dd>{Percent(test.ErrorPercent)}</dd></div>
            <div><dt>{reported.Tested} misses alone</dt><dd>{Invariant($"{alone.Mean:#,##0.0} ± {alone.Sd:0.0}")}</dd></div>
            <div><dt>two differ on</dt><dd>{Percent(disagreement.PairwisePercent)}</dd></div>
            </dl>

            """;
    }

    private static string Results(ReportedEnsemble reported)
    {
        RunEvaluation? whole = reported.Evaluation.Test;
        return HtmlPage.Table(
            ["", $"{reported.Tested} misses", $"{reported.Tested} error", "loss", "parameters"],
            [
                Row("together", whole, reported.Ensemble.Members.Sum(member => member.Parameters.Length)),
                .. reported.Evaluation.Ensemble!.Members.Select(member => Row(
                    member.Experiment + (member.Seed is { } seed ? $", seed {Excerpt.Of(seed)}" : ""), member.Test, member.Parameters)),
            ]);
    }

    private static string[] Row(string name, RunEvaluation? evaluation, int parameters) =>
    [
        name,
        evaluation is null ? "" : Count(evaluation.Misses),
        evaluation is null ? "" : Percent(evaluation.ErrorPercent),
        evaluation is null ? "" : Invariant($"{evaluation.Loss:0.0000}"),
        Count(parameters),
    ];

    private static string Note(ReportedEnsemble reported) => reported.Evaluation.Ensemble!.TestDisagreement is not { } disagreement
        ? ""
        : $"<p class=\"note\">{Escape($"{Count(disagreement.WrongTogether)} digits none of them gets right; for {Count(disagreement.Disputed)} they "
            + "have more than one answer between them.")}</p>";

    private static string Section(ReportedEnsemble reported)
    {
        string confusions = reported.Errors is { } errors
            ? "<section><h2>Confusions</h2>\n<p class=\"note\">A row is a true digit, a column what the ensemble took it for.</p>\n"
                + $"<div class=\"wide\">{ReportPage.Confusions(errors.Confusion)}</div></section>\n"
            : "";
        string members = HtmlPage.Table(
            ["network", "read from", "parameters, SHA-256"],
            reported.Evaluation.Ensemble!.Members.Select((member, index) => (string[])
                [$"{index}", Excerpt.Of(member.Source, 200), member.ParametersSha256]));
        return $"<div data-run=\"0\">\n{confusions}<section><h2>How it was made</h2>\n<div class=\"wide\">{members}</div></section>\n</div>\n";
    }

    private static ReportData.Network NetworkOf(ReportedEnsemble reported)
    {
        SavedEnsemble ensemble = reported.Ensemble;
        using EnsembleClassifier network = ensemble.CreateClassifier();
        PageDigits digits = reported is { Test: { } test, Errors: { } errors }
            ? PageDigits.Of(network, test, errors, "The ensemble", reported.Tested, MostMistakes)
            : PageDigits.None(reported.WithoutDigits ?? "");
        return new ReportData.Network
        {
            Name = ensemble.Name,
            Loss = ensemble.Averaging.Loss.Name,
            Frame = PagePad.FrameOf(ensemble.Digits.Dataset),
            Members = [.. ensemble.Members.Select(member => new ReportData.Member(
                member.Configuration.Loss.Name,
                PageLayer.Of(member.Configuration.Layers.Chain.Layers)!,
                PageDigits.Base64(member.Parameters)))],
            IsOfOutputs = ensemble.Averaging.IsOfOutputs,
            Samples = digits.Samples,
            MistakesNote = digits.MistakesNote,
            Mistakes = digits.Mistakes,
        };
    }

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double percent) => Invariant($"{percent:0.00}%");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => HtmlPage.Escape(text);
}
