using GpuConvnet.Recognition.Finding;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>What tells a line of digits from grain, from what is left of ruled lines, from shadows and from things.</summary>
/// <remarks>
/// One pen wrote a number: its strokes have one width and one darkness, stand out from the paper, and are far longer than wide;
/// and nothing else lies among them. The bounds leave room on both sides of what lines of drawn scenes have.
/// </remarks>
internal sealed class LineShape
{
    /// <summary>A digit has as many rows, at the least.</summary>
    private const int LeastHeight = 10;

    /// <summary>How many times darker than the faintest ink the dark ink is, at the least: grain has no dark ink.</summary>
    private const double LeastContrast = 2.2;

    /// <summary>Strokes are so wide, in parts of a digit's height.</summary>
    private const double Thinnest = 0.03;
    private const double Widest = 0.36;

    /// <summary>How far strokes of one pen differ in width: the deviation, in parts of the mean.</summary>
    private const double MostUneven = 0.6;

    /// <summary>What part of the ink in the line's box is its own, at the least.</summary>
    private const double LeastOwn = 0.45;

    /// <summary>A digit has two holes at the most; with grain in it, a line's marks have a few more.</summary>
    private const double MostHoles = 4;

    private LineShape(double height, long mass, double taper, string? doubt) =>
        (Height, Mass, Taper, Doubt) = (height, mass, taper, doubt);

    /// <summary>The median height of its marks, in pixels.</summary>
    public double Height { get; }

    /// <summary>The sum of its levels.</summary>
    public long Mass { get; }

    /// <summary>How wide its most tapering mark is where it is narrow, in parts of where it is wide; a pen's 1 hardly tapers.</summary>
    public double Taper { get; }

    /// <summary>Why its marks are no digits; null where they may be.</summary>
    public string? Doubt { get; }

    /// <summary>Looks at a line.</summary>
    /// <param name="sheet">The picture's ink.</param>
    /// <param name="line">The line's marks.</param>
    /// <param name="all">The marks of all lines.</param>
    public static LineShape Of(InkSheet sheet, List<InkMark> line, HashSet<InkMark> all)
    {
        double[] heights = [.. line.Select(mark => (double)mark.Box.Height).Order()];
        double height = heights[heights.Length / 2];
        double[] strokes = [.. line.Where(mark => mark.Box.Height >= 0.5 * height).Select(mark => mark.StrokeWidth)];
        double stroke = strokes.Average();
        double uneven = Math.Sqrt(strokes.Average(width => (width - stroke) * (width - stroke))) / stroke;
        InkBox box = line.Aggregate(line[0].Box, (around, mark) => around.With(mark.Box));
        long mass = line.Sum(mark => mark.Mass);
        long besides = sheet.Marks.Where(mark => !mark.IsSurround && !all.Contains(mark) && mark.Box.DistanceTo(box) == 0)
            .Sum(mark => mark.Mass);
        (int high, double even) = Darkness(sheet, line);

        // Of a stroke of few pixels, most are edge.
        double wanted = 0.42 + 0.3 * Math.Clamp((stroke - 4) / 8, 0, 1);
        string? doubt = height < LeastHeight ? "too small for digits"
            : high < LeastContrast * sheet.Threshold ? "hardly darker than the paper's own grain"
            : even < wanted ? "shaded, as no pen's strokes are"
            : stroke < Thinnest * height || stroke > Widest * height ? "no strokes of a pen"
            : uneven > MostUneven ? "of strokes of all widths"
            : line.Average(mark => mark.Holes) > MostHoles ? "full of holes"
            : mass < LeastOwn * (mass + besides) ? "a part of what surrounds it"
            : null;
        return new LineShape(height, mass, line.Min(TaperOf), doubt);
    }

    /// <summary>The ink of a row with little of a mark's ink by that of a row with much.</summary>
    private static double TaperOf(InkMark mark)
    {
        int[] rows = [.. mark.Runs.GroupBy(run => run.Row).Select(row => row.Sum(run => run.To - run.From)).Order()];
        return rows[rows.Length / 5] / (double)rows[^(1 + rows.Length / 5)];
    }

    /// <summary>A high level of its ink, and how even the ink is: a low level by the high one.</summary>
    private static (int High, double Even) Darkness(InkSheet sheet, List<InkMark> line)
    {
        int[] levels = new int[256];
        foreach ((int row, int from, int to) in line.SelectMany(mark => mark.Runs))
        {
            foreach (byte level in sheet.Ink.Levels.AsSpan(row * sheet.Ink.Width + from, to - from))
            {
                levels[level]++;
            }
        }

        // Soft edges do not count.
        int high = Histograms.Quantile(levels, 0.95);
        levels.AsSpan(0, high / 4).Clear();
        return (high, (double)Histograms.Quantile(levels, 0.35) / Math.Max(1, high));
    }
}
