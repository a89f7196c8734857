using GpuConvnet.Trainer.Views.Report;
using ScottPlot;
using ScottPlot.TickGenerators;
using Palette = GpuConvnet.Trainer.Views.Report.Palette;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>Examples a second by the examples of a step, both logarithmic: how a wide machine starves on small batches.</summary>
internal static class BenchmarkPlot
{
    /// <summary>The name of its files, without an ending.</summary>
    public const string Name = "batch-curve";

    private const int Width = 900;
    private const int Height = 560;
    private const int LongestDeviceName = 48;

    /// <summary>Draws the curve.</summary>
    /// <param name="result">With one point at least.</param>
    public static Picture Draw(BenchmarkResult result)
    {
        using Plot plot = PlotFont.CreatePlot();
        Coordinates[] curve = [.. result.Curve.Select(point => Place(point, point.Seconds.Median))];
        foreach (RateMeasurement point in result.Curve)
        {
            // From the quickest repeat to as far beyond the median as the middle half reaches.
            Coordinates best = Place(point, point.Seconds.Minimum);
            Coordinates worst = Place(point, point.Seconds.Median * (1 + point.Seconds.Spread));
            plot.AddLine(best, worst, Palette.Batches, 4);
        }

        var line = plot.Add.Scatter(curve, Palette.Batches);
        line.LineWidth = 2;
        line.MarkerShape = MarkerShape.FilledSquare;
        line.MarkerSize = 10;
        line.LegendText = $"{result.Accelerator}: {Shortened(result.Device)}";
        List<double> rates = [.. curve.Select(point => point.Y)];
        if (result.PerExample is { } perExample)
        {
            Coordinates place = Place(perExample, perExample.Seconds.Median);
            var mark = plot.Add.Marker(place.X, place.Y, MarkerShape.FilledCircle, 13, Palette.PerExample);
            mark.LegendText = "one example at a time, one core: the reference path";
            var level = plot.Add.HorizontalLine(place.Y, 1.5f, Palette.PerExample, LinePattern.Dashed);
            level.LegendText = "";
            rates.Add(place.Y);
        }

        plot.Axes.Bottom.TickGenerator = new NumericManual(LogAxis.Ticks(result.Curve.Select(point => (double)point.Examples), "N0"));
        int least = (int)Math.Floor(rates.Min());
        int most = (int)Math.Ceiling(rates.Max());
        plot.Axes.Left.TickGenerator = new NumericManual(
            LogAxis.Ticks(Enumerable.Range(least, most - least + 1).Select(power => Math.Pow(10, power)), "N0"));
        plot.Axes.SetLimitsX(-0.2, Math.Log10(result.Curve[^1].Examples) + 0.25);
        plot.Axes.SetLimitsY(least, most + 0.1);
        plot.Title("Training speed by batch size");
        plot.XLabel("examples of a step");
        plot.YLabel("examples a second, median");
        plot.ShowLegend(Edge.Bottom);
        return Picture.Of(Name, plot, Width, Height);
    }

    private static Coordinates Place(RateMeasurement point, double seconds) =>
        LogAxis.Place(point.Examples, point.Examples / seconds);

    private static string Shortened(string name) =>
        name.Length <= LongestDeviceName ? name : name[..LongestDeviceName].TrimEnd() + "...";
}
