using GpuConvnet.Trainer.Views.Report;
using ScottPlot;
using ScottPlot.TickGenerators;
using Palette = GpuConvnet.Trainer.Views.Report.Palette;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>The error by parameters, digits and compute: points with their range over seeds, laws dashed.</summary>
internal static class ScalingPlot
{
    private const string Prefix = "error-by-";
    private const int Width = 900;
    private const int Height = 560;
    private const double Margin = 0.06;

    /// <summary>The names of the pictures' files, without an ending.</summary>
    public static IEnumerable<string> Names(ScalingResult result) =>
        Plottable(result).Length == 0 ? [] : [Prefix + "parameters", Prefix + "digits", Prefix + "compute"];

    /// <summary>Draws the pictures; none where no point has an error above 0, which is all that a logarithm takes.</summary>
    /// <returns>Each, and the same for a dark screen.</returns>
    public static IEnumerable<(Picture Light, byte[] Dark)> Draw(ScalingResult result)
    {
        ScalingPoint[] points = Plottable(result);
        return points.Length == 0 ? [] :
        [
            Both("parameters", point => point.Parameters, point => Invariant($"{point.Digits:N0} digits")),
            Both("digits", point => point.Digits, point => Invariant($"width {point.Width}")),
            Both("compute", point => point.Compute, point => Invariant($"width {point.Width}")),
        ];

        (Picture Light, byte[] Dark) Both(string against, Func<ScalingPoint, double> quantity, Func<ScalingPoint, string> name)
        {
            using Plot light = Compose(result, points, against, quantity, name, isDark: false);
            using Plot dark = Compose(result, points, against, quantity, name, isDark: true);
            return (
                Picture.Of(Prefix + against, light, Width, Height), VectorFont.WithFallback(dark.GetSvgXml(Width, Height)));
        }
    }

    private static ScalingPoint[] Plottable(ScalingResult result) =>
        [.. result.Points.Where(point => point.ErrorPercent is { Mean: > 0 })];

    private static Plot Compose(
        ScalingResult result,
        ScalingPoint[] points,
        string against,
        Func<ScalingPoint, double> quantity,
        Func<ScalingPoint, string> name,
        bool isDark)
    {
        ScalingFit[] fits = [.. result.Fits.Where(fit => fit.Against == against)];
        Plot plot = PlotFont.CreatePlot();
        IGrouping<string, ScalingPoint>[] groups =
            [.. points.OrderBy(point => point.Digits).ThenBy(point => point.Width).GroupBy(name)];
        double least = points.Min(Low);
        double most = points.Max(point => point.ErrorPercent!.Max);
        for (int i = 0; i < groups.Length; i++)
        {
            Color color = Color.FromHex(PlotTheme.Lines(isDark)[i % Palette.Lines.Count]);
            foreach (ScalingPoint point in groups[i])
            {
                double x = quantity(point);
                plot.AddLine(LogAxis.Place(x, Low(point)), LogAxis.Place(x, point.ErrorPercent!.Max), color, 3);
            }

            Coordinates[] means = [.. groups[i].Select(point => LogAxis.Place(quantity(point), point.ErrorPercent!.Mean))];
            plot.Add.Markers(means, MarkerShape.FilledCircle, 10, color).LegendText = groups[i].Key;
            if (fits.FirstOrDefault(fit => fit.Of == groups[i].Key) is { } own)
            {
                AddLaw(plot, own.Law, groups[i].Select(quantity), color);
            }
        }

        if (fits.FirstOrDefault(fit => fit is { Digits: null, Width: null }) is { } common)
        {
            AddLaw(plot, common.Law, points.Select(quantity), PlotTheme.Ink(isDark));
        }

        double[] xs = [.. points.Select(quantity).Distinct().Order()];
        plot.Axes.Bottom.TickGenerator = new NumericManual(
            against == "compute" ? LogAxis.RoundTicks(xs[0], xs[^1], "0e+0") : LogAxis.Ticks(xs, "N0"));
        plot.Axes.Left.TickGenerator = new NumericManual(LogAxis.RoundTicks(least, most, "0.####"));
        plot.Grid.MinorLineWidth = 1;
        SetLimits(xs[0], xs[^1], plot.Axes.SetLimitsX);

        // Two named ticks at least, and one above all points.
        double[] steps = LogAxis.Steps(least, most);
        SetLimits(Math.Min(least, steps[^2]), steps[^1], plot.Axes.SetLimitsY);
        string tested = result.TestedOn is null ? "test" : "validation";
        plot.Title(Invariant($"{result.Experiment}: {tested} error by {against}"));
        plot.XLabel(against switch
        {
            "parameters" => "parameters",
            "digits" => "training digits",
            _ => "forward multiply-accumulates of training",
        });
        plot.YLabel("error in percent: mean, range over seeds");
        PlotTheme.Dress(plot, isDark);
        return plot;
    }

    /// <summary>Where a point's range begins; a run without an error has no logarithm.</summary>
    private static double Low(ScalingPoint point) => point.ErrorPercent!.Min > 0 ? point.ErrorPercent.Min : point.ErrorPercent.Mean;

    private static void AddLaw(Plot plot, PowerLaw law, IEnumerable<double> places, Color color)
    {
        double[] xs = [.. places];
        plot.AddLine(LogAxis.Place(xs.Min(), law.At(xs.Min())), LogAxis.Place(xs.Max(), law.At(xs.Max())), color, 1.5f)
            .LinePattern = LinePattern.Dashed;
    }

    private static void SetLimits(double least, double most, Action<double, double> set)
    {
        double margin = Math.Max(0.05, Margin * Math.Log10(most / least));
        set(Math.Log10(least) - margin, Math.Log10(most) + margin);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
