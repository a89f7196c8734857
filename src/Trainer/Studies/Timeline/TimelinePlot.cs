using GpuConvnet.Trainer.Views.Report;
using ScottPlot;
using ScottPlot.TickGenerators;
using Palette = GpuConvnet.Trainer.Views.Report.Palette;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>The timeline as a picture: test misses, a row per experiment, with the spread over seeds and a color per year.</summary>
internal static class TimelinePlot
{
    /// <summary>The name of its files, without an ending.</summary>
    public const string Name = "timeline";

    private const int Width = 900;
    private const int RowHeight = 34;

    /// <summary>Draws the timeline.</summary>
    public static Picture Draw(TimelineResult result)
    {
        using Plot plot = PlotFont.CreatePlot();
        int rows = result.Rows.Count;
        double most = result.Rows.Select(row => row.TestMisses.Max).DefaultIfEmpty(1).Max();
        foreach ((int index, IGrouping<int, (TimelinePoint Row, double Y)> year) in result.Rows
            .Select((row, place) => (Row: row, Y: (double)(rows - place)))
            .GroupBy(point => point.Row.Year)
            .Index())
        {
            Color color = Color.FromHex(PlotTheme.Lines(isDark: false)[index % Palette.Lines.Count]);
            foreach ((TimelinePoint row, double y) in year)
            {
                plot.AddLine(new Coordinates(row.TestMisses.Min, y), new Coordinates(row.TestMisses.Max, y), color, 1.5f);
                plot.AddLine(
                    new Coordinates(row.TestMisses.Mean - row.TestMisses.Sd, y),
                    new Coordinates(row.TestMisses.Mean + row.TestMisses.Sd, y), color, 4);
            }

            plot.Add.Markers(
                year.Select(point => new Coordinates(point.Row.TestMisses.Mean, point.Y)).ToArray(), MarkerShape.FilledCircle, 10, color)
                .LegendText = FormattableString.Invariant($"{year.Key}");
        }

        plot.Axes.Left.TickGenerator = new NumericManual(
            [.. result.Rows.Select((row, index) => new Tick(rows - index, row.Experiment))]);
        plot.Axes.SetLimitsY(0.4, rows + 0.6);
        plot.Axes.SetLimitsX(0, most * 1.08);
        int[] tested = [.. result.Rows.Select(row => row.TestDigits).Distinct()];
        plot.Title("Misclassified test digits" + (tested is [var digits] ? FormattableString.Invariant($", of {digits:N0}") : ""));
        plot.XLabel("misses: mean, standard deviation (thick) and range (thin) over the seeds");
        plot.ShowLegend(Edge.Bottom);
        plot.Grid.YAxisStyle.IsVisible = false;
        return Picture.Of(Name, plot, Width, 140 + rows * RowHeight);
    }
}
