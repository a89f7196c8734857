using System.Globalization;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Views.Report;
using ScottPlot;
using Palette = GpuConvnet.Trainer.Views.Report.Palette;

namespace GpuConvnet.Trainer.Views.Rejection;

/// <summary>The error on the digits that are kept, by the share that is rejected, and the paper's point.</summary>
internal static class RejectionPlot
{
    private const int Width = 900;
    private const int Height = 560;
    private const int PngScale = 2;
    private const int MostPoints = 2000;
    private const double LeastShare = 20;

    // LeCun et al. (1989), on the paper's 2,007 test digits.
    private const double PaperRejected = 12.1;
    private const double PaperError = 1;

    /// <summary>Draws the curves.</summary>
    /// <param name="name">The name of the picture's files, without an ending.</param>
    /// <param name="title">What stands above it.</param>
    /// <param name="splits">A curve each; the last one is drawn the strongest.</param>
    /// <param name="target">The error that is aimed at, in percent.</param>
    public static Picture Draw(string name, string title, IReadOnlyList<SplitCurve> splits, double target)
    {
        using Plot plot = PlotFont.CreatePlot();
        double share = LeastShare;
        double most = Math.Max(PaperError, target);
        var aim = plot.Add.HorizontalLine(target, 1.5f, Colors.Black.WithAlpha(0.5), LinePattern.Dashed);
        aim.LegendText = Invariant($"at most {target}% errors");
        for (int index = 0; index < splits.Count; index++)
        {
            Color color = Color.FromHex(Palette.Lines[splits.Count - 1 - index]);
            (string split, RejectionCurve curve) = splits[index];
            RejectionPoint[] points = [.. curve.Points];
            int stride = (points.Length + MostPoints - 1) / MostPoints;
            Coordinates[] drawn = [.. points.Where((_, place) => place % stride == 0 || place == points.Length - 1).Select(Place)];
            var line = plot.Add.Scatter(drawn, color);
            line.LineWidth = 2;
            line.MarkerSize = drawn.Length == 1 ? 8 : 0;
            line.LegendText = Invariant($"{split} digits, {curve.Examples:N0}");
            if (curve.LeastFor(target) is { Rejected: > 0 } least)
            {
                plot.Add.Marker(Place(least), MarkerShape.FilledCircle, 11, color).LegendText =
                    Invariant($"{split} digits: {least.RejectedPercent:F2}% rejected");
            }

            // What follows is nearly flat, unless no share brings the error down.
            share = Math.Max(share, curve.LeastFor(target / 10)?.RejectedPercent ?? 100);
            most = Math.Max(most, drawn[0].Y);
        }

        var paper = plot.Add.Marker(PaperRejected, PaperError, MarkerShape.OpenDiamond, 14, Colors.Black);
        paper.LegendText = Invariant($"LeCun et al. 1989: {PaperRejected}% rejected for {PaperError}% errors");
        plot.Axes.SetLimitsX(-0.01 * share, 1.02 * share);
        plot.Axes.SetLimitsY(-0.01 * most, 1.06 * most);
        plot.Title(title);
        plot.XLabel("rejected, percent of all digits");
        plot.YLabel("errors, percent of the digits that are kept");
        plot.ShowLegend(Edge.Bottom);
        return Picture.Of(name, plot, Width, Height, PngScale);
    }

    private static Coordinates Place(RejectionPoint point) => new(point.RejectedPercent, point.ErrorPercent!.Value);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
