using System.Globalization;
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
    public static IEnumerable<Picture> Draw(ScalingResult result)
    {
        ScalingPoint[] points = Plottable(result);
        if (points.Length == 0)
        {
            return [];
        }

        return
        [
            Draw(result, points, "parameters", point => point.Parameters, point => Invariant($"{point.Digits:N0} digits")),
            Draw(result, points, "digits", point => point.Digits, point => Invariant($"width {point.Width}")),
            Draw(result, points, "compute", point => point.Compute, point => Invariant($"width {point.Width}")),
        ];
    }

    private static ScalingPoint[] Plottable(ScalingResult result) =>
        [.. result.Points.Where(point => point.ErrorPercent is { Mean: > 0 })];

    private static Picture Draw(
        ScalingResult result,
        ScalingPoint[] points,
        string against,
        Func<ScalingPoint, double> quantity,
        Func<ScalingPoint, string> name)
    {
        ScalingFit[] fits = [.. result.Fits.Where(fit => fit.Against == against)];
        using Plot plot = PlotFont.CreatePlot();
        IGrouping<string, ScalingPoint>[] groups =
            [.. points.OrderBy(point => point.Digits).ThenBy(point => point.Width).GroupBy(name)];
        double least = points.Min(Low);
        double most = points.Max(point => point.ErrorPercent!.Max);
        for (int i = 0; i < groups.Length; i++)
        {
            Color color = Color.FromHex(Palette.Lines[i % Palette.Lines.Count]);
            foreach (ScalingPoint point in groups[i])
            {
                double x = quantity(point);
                Line(plot, Place(x, Low(point)), Place(x, point.ErrorPercent!.Max), color).LineWidth = 3;
            }

            Coordinates[] means = [.. groups[i].Select(point => Place(quantity(point), point.ErrorPercent!.Mean))];
            plot.Add.Markers(means, MarkerShape.FilledCircle, 10, color).LegendText = groups[i].Key;
            if (fits.FirstOrDefault(fit => fit.Of == groups[i].Key) is { } own)
            {
                AddLaw(plot, own.Law, groups[i].Select(quantity), color);
            }
        }

        if (fits.FirstOrDefault(fit => fit is { Digits: null, Width: null }) is { } common)
        {
            AddLaw(plot, common.Law, points.Select(quantity), Colors.Black);
        }

        double[] xs = [.. points.Select(quantity).Distinct().Order()];
        plot.Axes.Bottom.TickGenerator = against == "compute" ? Ticks(Steps(xs[0], xs[^1]), "0e+0") : Ticks(xs, "N0");
        plot.Axes.Left.TickGenerator = Ticks(Steps(least, most), "0.####");
        SetLimits(Math.Log10(xs[0]), Math.Log10(xs[^1]), plot.Axes.SetLimitsX);
        SetLimits(Math.Log10(least), Math.Log10(most), plot.Axes.SetLimitsY);
        string tested = result.TestedOn is null ? "test" : "validation";
        plot.Title(Invariant($"{result.Experiment}: {tested} error by {against}"));
        plot.XLabel(against switch
        {
            "parameters" => "parameters",
            "digits" => "training digits",
            _ => "forward multiply-accumulates of training",
        });
        plot.YLabel("error in percent: mean, range over seeds");
        plot.ShowLegend(Edge.Bottom);
        return Picture.Of(Prefix + against, plot, Width, Height);
    }

    /// <summary>Where a point's range begins; a run without an error has no logarithm.</summary>
    private static double Low(ScalingPoint point) => point.ErrorPercent!.Min > 0 ? point.ErrorPercent.Min : point.ErrorPercent.Mean;

    private static void AddLaw(Plot plot, PowerLaw law, IEnumerable<double> places, Color color)
    {
        double[] xs = [.. places];
        var line = Line(plot, Place(xs.Min(), law.At(xs.Min())), Place(xs.Max(), law.At(xs.Max())), color);
        line.LineWidth = 1.5f;
        line.LinePattern = LinePattern.Dashed;
    }

    private static Coordinates Place(double x, double error) => new(Math.Log10(x), Math.Log10(error));

    private static ScottPlot.Plottables.LinePlot Line(Plot plot, Coordinates from, Coordinates to, Color color)
    {
        var line = plot.Add.Line(from, to);
        line.Color = color;
        return line;
    }

    private static NumericManual Ticks(IEnumerable<double> values, string format) => new(
        [.. values.Select(value => new Tick(Math.Log10(value), value.ToString(format, CultureInfo.InvariantCulture)))]);

    /// <summary>Round values from a least to a most, more of them where the two are close.</summary>
    private static IEnumerable<double> Steps(double least, double most)
    {
        double[] steps = most / least < 10 ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : most / least < 1_000 ? [1, 2, 5] : [1];
        int first = (int)Math.Floor(Math.Log10(least));
        int last = (int)Math.Ceiling(Math.Log10(most));
        return Enumerable.Range(first, last - first + 1).SelectMany(power => steps.Select(step => step * Math.Pow(10, power)));
    }

    private static void SetLimits(double least, double most, Action<double, double> set)
    {
        double margin = Math.Max(0.05, Margin * (most - least));
        set(least - margin, most + margin);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
