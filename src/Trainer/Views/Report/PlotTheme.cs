using ScottPlot;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>How plots look on a page, on a light screen and on a dark one.</summary>
internal static class PlotTheme
{
    /// <summary>The colour of text and axes.</summary>
    public static Color Ink(bool isDark) => Color.FromHex(isDark ? "#E6EDF3" : "#1F2328");

    /// <summary>The colours of what is compared, in their order.</summary>
    public static IReadOnlyList<string> Lines(bool isDark) => isDark ? LineColors.OnDark : LineColors.OnLight;

    /// <summary>Gives a whole plot its colours and the sizes of its texts, and shows the legend below it.</summary>
    public static void Dress(Plot plot, bool isDark)
    {
        Color ink = Ink(isDark);
        Color paper = Color.FromHex(isDark ? "#0D1117" : "#FFFFFF");
        plot.FigureBackground.Color = paper;
        plot.DataBackground.Color = paper;
        plot.Axes.Color(ink);
        plot.Grid.MajorLineColor = ink.WithAlpha(0.13);
        plot.Grid.MinorLineColor = ink.WithAlpha(0.05);
        plot.Axes.Title.Label.FontSize = 17;
        plot.Axes.Bottom.Label.Bold = false;
        plot.Axes.Left.Label.Bold = false;
        plot.Axes.Bottom.Label.FontSize = 14;
        plot.Axes.Left.Label.FontSize = 14;
        plot.Axes.Bottom.TickLabelStyle.FontSize = 13;
        plot.Axes.Left.TickLabelStyle.FontSize = 13;
        plot.Legend.BackgroundColor = paper;
        plot.Legend.FontColor = ink;
        plot.Legend.OutlineColor = ink.WithAlpha(0.2);
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.FontSize = 13;
        plot.ShowLegend(Edge.Bottom);
    }
}
