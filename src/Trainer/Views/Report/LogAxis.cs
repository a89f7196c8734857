using System.Globalization;
using ScottPlot;

namespace GpuConvnet.Trainer.Views.Report;

/// <summary>Axes of plots whose coordinates are logarithms to the base 10.</summary>
internal static class LogAxis
{
    // Over more than three decades the powers of ten are enough.
    private const double MostBetween = 1_000;

    /// <summary>Where two values are.</summary>
    public static Coordinates Place(double x, double y) => new(Math.Log10(x), Math.Log10(y));

    /// <summary>1, 2 and 5 times powers of ten, or powers alone: from the last at or below a least value to the first at or above
    /// a most.</summary>
    public static double[] Steps(double least, double most)
    {
        int[] digits = most / least < MostBetween ? [1, 2, 5] : [1];
        int first = (int)Math.Floor(Math.Log10(least));
        double[] steps =
        [
            .. from power in Enumerable.Range(first, (int)Math.Ceiling(Math.Log10(most)) - first + 1)
               from digit in digits
               select digit * Math.Pow(10, power),
        ];
        return [.. steps.Where((_, index) =>
            (index == steps.Length - 1 || steps[index + 1] > least) && (index == 0 || steps[index - 1] < most))];
    }

    /// <summary>Ticks with their values.</summary>
    public static Tick[] Ticks(IEnumerable<double> values, string format) =>
        [.. values.Select(value => new Tick(Math.Log10(value), value.ToString(format, CultureInfo.InvariantCulture)))];

    /// <summary>Ticks at <see cref="Steps"/>, and unnamed ones at every digit.</summary>
    public static Tick[] RoundTicks(double least, double most, string format)
    {
        double[] steps = Steps(least, most);
        int first = (int)Math.Floor(Math.Log10(steps[0]));
        return
        [
            .. Ticks(steps, format),
            .. from power in Enumerable.Range(first, (int)Math.Ceiling(Math.Log10(steps[^1])) - first)
               from digit in Enumerable.Range(1, 9)
               select new Tick(power + Math.Log10(digit), "", isMajor: false),
        ];
    }

    /// <summary>Adds a straight line between two places.</summary>
    public static ScottPlot.Plottables.LinePlot AddLine(this Plot plot, Coordinates from, Coordinates to, Color color, float width)
    {
        var line = plot.Add.Line(from, to);
        line.Color = color;
        line.LineWidth = width;
        return line;
    }
}
