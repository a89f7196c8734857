using System.Text;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>Points and power laws as text: aligned for a terminal, and as Markdown.</summary>
internal static class ScalingTable
{
    private static readonly string[] s_points =
        ["width", "parameters", "digits", "compute", "error %", "sd", "train error %", "seeds", "diverged", "seconds"];

    private static readonly string[] s_fits =
        ["against", "through", "a", "b", "error of b", "a doubling leaves", "points", "left out"];

    /// <summary>The lines for a terminal.</summary>
    public static IEnumerable<string> Lines(ScalingResult result) =>
        [.. Aligned(s_points, Points(result)), .. result.Fits.Count == 0 ? [] : Aligned(s_fits, Fits(result))];

    /// <summary>The whole as a Markdown document.</summary>
    public static string Markdown(ScalingResult result)
    {
        StringBuilder text = new();
        text.Append(Invariant($"# {Escaped(result.Experiment)}: error by width and digits\n\n"));
        text.Append(Invariant($"On {result.TestDigits:N0} {(result.TestedOn is null ? "test" : "validation")} digits "));
        text.Append(Invariant($"({result.Definition.Dataset}); {result.Runs:N0} runs, "));
        text.Append(Invariant($"{result.Definition.Accelerator}, {result.Device}."));
        text.Append(result.Interrupted ? " Interrupted: points and seeds are missing.\n\n" : "\n\n");
        Append(text, s_points, Points(result));
        text.Append("\ncompute: multiply-accumulates of an example, forward, times the examples that training looks at.\n");
        if (result.Fits.Count > 0)
        {
            text.Append("\n## Power laws\n\nerror in percent = a x^-b, by least squares in the logarithms of the means.\n\n");
            Append(text, s_fits, Fits(result));
        }

        foreach (string name in ScalingPlot.Names(result))
        {
            text.Append(Invariant($"\n![{name}]({name}.png)\n"));
        }

        return text.ToString();
    }

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
