using GpuConvnet.Trainer.Views.Report;
using ScottPlot;
using ScottPlot.TickGenerators;
using Palette = GpuConvnet.Trainer.Views.Report.Palette;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>The table as a picture: the article's test misses beside ours, with the spread over seeds.</summary>
internal static class ReproductionPlot
{
    /// <summary>The name of its files, without an ending.</summary>
    public const string Name = "table";

    private const int Width = 900;
    private const int RowHeight = 64;
    private const double Apart = 0.16;

    /// <summary>Draws the table.</summary>
    public static Picture Draw(ReproductionResult result)
    {
        using Plot plot = PlotFont.CreatePlot();
        int rows = result.Rows.Count;
        int height = 140 + rows * RowHeight;
        (double, string)[] names = [.. result.Rows.Select((row, index) => ((double)(rows - index), row.Name))];
        List<Coordinates> article = [];
        List<(Coordinates Place, ReproductionCell Cell)> perExample = [];
        List<(Coordinates Place, ReproductionCell Cell)> fullBatch = [];
        for (int index = 0; index < rows; index++)
        {
            ReproducedRow row = result.Rows[index];
            double y = rows - index;
            article.Add(new Coordinates(row.ArticleTestMisses, y));
            if (row.PerExample is { } slow)
            {
                perExample.Add((new Coordinates(slow.TestMisses.Mean, y + Apart), slow));
            }

            if (row.FullBatch is { } full)
            {
                fullBatch.Add((new Coordinates(full.TestMisses.Mean, y - Apart), full));
            }
        }

        var articleMarkers = plot.Add.Markers(article, MarkerShape.OpenDiamond, 13, Colors.Black);
        articleMarkers.LegendText = result.Rows.All(row => row.Paper is null) ? "the article" : "the article, the paper";
        Add(plot, perExample, Palette.PerExample, MarkerShape.FilledCircle, "ours, per example");
        Add(plot, fullBatch, Palette.Batches, MarkerShape.FilledSquare, "ours, full batch");
        plot.Axes.Left.TickGenerator = new NumericManual([.. names.Select(name => new Tick(name.Item1, name.Item2))]);
        plot.Axes.SetLimitsY(0.4, rows + 0.6);
        double most = article.Select(point => point.X)
            .Concat(perExample.Concat(fullBatch).Select(point => point.Cell.TestMisses.Max)).DefaultIfEmpty(1).Max();
        plot.Axes.SetLimitsX(0, most * 1.08);
        plot.Title("Misclassified test digits, of 2,007");
        plot.XLabel("misses: mean, standard deviation (thick) and range (thin) over the seeds");
        plot.ShowLegend(Edge.Bottom);
        plot.Grid.YAxisStyle.IsVisible = false;
        return Picture.Of(Name, plot, Width, height);
    }

    private static void Add(
        Plot plot, List<(Coordinates Place, ReproductionCell Cell)> points, Color color, MarkerShape shape, string name)
    {
        foreach ((Coordinates place, ReproductionCell cell) in points.Where(point => point.Cell.Seeds.Count > 1))
        {
            Line(cell.TestMisses.Min, cell.TestMisses.Max, place.Y, 1.5f);
            Line(place.X - cell.TestMisses.Sd, place.X + cell.TestMisses.Sd, place.Y, 4);
        }

        if (points.Count > 0)
        {
            plot.Add.Markers(points.Select(point => point.Place).ToArray(), shape, 10, color).LegendText = name;
        }

        void Line(double from, double to, double y, float width) =>
            plot.AddLine(new Coordinates(from, y), new Coordinates(to, y), color, width);
    }
}
