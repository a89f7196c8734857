using System.Text;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>Points and power laws: aligned for a terminal, as Markdown, and as a page.</summary>
internal static class ScalingTable
{
    private static readonly string[] s_points =
        ["width", "parameters", "digits", "compute", "error %", "sd", "train error %", "seeds", "diverged", "seconds"];

    private static readonly string[] s_fits =
        ["against", "through", "a", "b", "error of b", "a doubling leaves", "points", "left out"];

    private const string PointsNote = "compute: multiply-accumulates of an example, forward, times the examples that training looks at.";
    private const string FitsNote = "error in percent = a x^-b, by least squares in the logarithms of the means.";

    /// <summary>The lines for a terminal.</summary>
    public static IEnumerable<string> Lines(ScalingResult result) =>
        [.. Aligned(s_points, Points(result)), .. result.Fits.Count == 0 ? [] : Aligned(s_fits, Fits(result))];

    /// <summary>The whole as a Markdown document.</summary>
    public static string Markdown(ScalingResult result)
    {
        StringBuilder text = new();
        text.Append(Invariant($"# {Title(result)}\n\n{Description(result)}\n\n"));
        Append(text, s_points, Points(result));
        text.Append(Invariant($"\n{PointsNote}\n"));
        if (result.Fits.Count > 0)
        {
            text.Append(Invariant($"\n## Power laws\n\n{FitsNote}\n\n"));
            Append(text, s_fits, Fits(result));
        }

        foreach (string name in ScalingPlot.Names(result))
        {
            text.Append(Invariant($"\n![{name}]({name}.png)\n"));
        }

        return text.ToString();
    }

    /// <summary>The whole as a page.</summary>
    /// <param name="result">The result.</param>
    /// <param name="pictures">Its pictures for light and dark screens.</param>
    public static byte[] Page(ScalingResult result, IEnumerable<(Picture Light, byte[] Dark)> pictures) => HtmlPage.Fill("study.html", "", new()
    {
        ["title"] = HtmlPage.Escape(Title(result)),
        ["description"] = HtmlPage.Escape(Description(result)),
        ["sections"] = string.Concat(pictures.Select(picture => HtmlPage.Figure(
                picture.Light.Svg, picture.Dark, $"{picture.Light.Name.Replace('-', ' ')}, on logarithmic scales; the tables have its numbers")))
            + Section("Points", PointsNote, HtmlPage.Table(s_points, Points(result)))
            + (result.Fits.Count == 0 ? "" : Section("Power laws", FitsNote, HtmlPage.Table(s_fits, Fits(result))))
            + HtmlPage.Details("Base experiment", result.Definition.Configuration.ToJsonString(ScalingJson.Relaxed.Options)),
        ["footer"] = HtmlPage.Escape($"Made by GpuConvnet's trainer {RunEnvironment.ProgramVersion}, trainer scale."),
    });

    private static string Title(ScalingResult result) => $"{Escaped(result.Experiment)}: error by width and digits";

    private static string Description(ScalingResult result) =>
        Invariant($"On {result.TestDigits:N0} {(result.TestedOn is null ? "test" : "validation")} digits ")
        + Invariant($"({result.Definition.Dataset}); {result.Runs:N0} runs, {result.Definition.Accelerator}, {result.Device}.")
        + (result.Interrupted ? " Interrupted: points and seeds are missing." : "");

    private static string Section(string heading, string note, string table) =>
        $"<section><h2>{heading}</h2>\n<p class=\"note\">{HtmlPage.Escape(note)}</p>\n<div class=\"wide\">{table}</div></section>\n";

    private static IEnumerable<string[]> Points(ScalingResult result) => result.Points.Select(point => (string[])
    [
        Invariant($"{point.Width}"),
        Invariant($"{point.Parameters:N0}"),
        Invariant($"{point.Digits:N0}"),
        Invariant($"{point.Compute:0.00e+00}"),
        point.ErrorPercent is { } error ? Invariant($"{error.Mean:F2}") : "-",
        point.ErrorPercent is { } spread ? Invariant($"{spread.Sd:F2}") : "-",
        point.TrainErrorPercent is { } train ? Invariant($"{train.Mean:F2}") : "-",
        Invariant($"{point.Seeds.Count}"),
        Invariant($"{point.Diverged}"),
        Invariant($"{point.Seconds.Mean:F1}"),
    ]);

    private static IEnumerable<string[]> Fits(ScalingResult result) => result.Fits.Select(fit => (string[])
    [
        fit.Against,
        fit.Of,
        Invariant($"{fit.Law.A:G4}"),
        Invariant($"{fit.Law.B:F3}"),
        fit.Law.StandardError is double error ? Invariant($"{error:F3}") : "-",
        Invariant($"{100 * fit.Law.PerDoubling:F1}%"),
        Invariant($"{fit.Law.Points}"),
        Invariant($"{fit.LeftOut}"),
    ]);

    private static IEnumerable<string> Aligned(string[] header, IEnumerable<string[]> rows)
    {
        string[][] cells = [header, .. rows];
        int[] widths = [.. header.Select((_, column) => cells.Max(line => line[column].Length))];
        return cells.Select(line => string.Join("  ", line.Select((text, column) => text.PadLeft(widths[column]))));
    }

    private static void Append(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        AppendRow(text, header);
        AppendRow(text, [.. header.Select(_ => "---:")]);
        foreach (string[] row in rows)
        {
            AppendRow(text, row);
        }
    }

    private static void AppendRow(StringBuilder text, string[] cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Escaped(string name) => name.ReplaceLineEndings(" ");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
