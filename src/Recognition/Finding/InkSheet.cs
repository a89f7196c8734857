using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Recognition.Finding;

/// <summary>
/// How much each pixel stands out from the paper around it, towards dark or towards light, without the lines of forms and of
/// ruled paper, and the marks that this makes.
/// </summary>
internal sealed class InkSheet
{
    /// <summary>A difference in grey that is seen as ink, at the least.</summary>
    private const int LeastContrast = 9;

    /// <summary>Paper this dark is as dark as shadows make it: what lies deeper is not lit up any further.</summary>
    private const int DarkestPaper = 90;

    /// <summary>What part of full ink is none.</summary>
    private const double FaintPart = 0.25;

    private InkSheet(Plane ink, bool isInkLighter, int threshold, double noise, RuledLines lines, List<InkMark> marks) =>
        (Ink, IsInkLighter, Threshold, Noise, Lines, Marks) = (ink, isInkLighter, threshold, noise, lines, marks);

    /// <summary>(height, width): 0 paper to 255 ink.</summary>
    public Plane Ink { get; }

    /// <summary>Whether ink is what is lighter than its surroundings.</summary>
    public bool IsInkLighter { get; }

    /// <summary>What is above it is ink.</summary>
    public int Threshold { get; }

    /// <summary>How far paper stands out from itself.</summary>
    public double Noise { get; }

    /// <summary>The lines that were taken out.</summary>
    public RuledLines Lines { get; }

    /// <summary>The marks, the heaviest first.</summary>
    public List<InkMark> Marks { get; }

    /// <summary>Looks for ink.</summary>
    /// <param name="shades">The picture, grain smoothed.</param>
    /// <param name="isInkLighter">Whether ink is what is lighter than its surroundings.</param>
    /// <param name="radius">Half of the width that no stroke has.</param>
    public static InkSheet Of(Plane shades, bool isInkLighter, int radius)
    {
        Plane ink = Difference(isInkLighter ? shades.Inverted() : shades, radius, isLit: !isInkLighter);
        (int threshold, double noise) = Part(ink.Histogram());
        RuledLines lines = RuledLines.Find(ink, threshold);
        if (lines.Count > 0)
        {
            lines.TakeOut(ink, threshold);
        }

        return new InkSheet(ink, isInkLighter, threshold, noise, lines, InkMark.Of(ink, threshold));
    }

    /// <summary>
    /// The same with a higher threshold, where the heaviest mark is so much darker that what is faint beside it is no ink: the
    /// grain of a desk, say, whose paper shows none.
    /// </summary>
    /// <param name="least">Marks smaller than this, in pixels, do not count.</param>
    public InkSheet WithoutFaintMarks(int least)
    {
        InkMark? heaviest = Marks.Find(mark => !mark.IsSurround && mark.Box.Longest >= least);
        if (heaviest is null)
        {
            return this;
        }

        int[] levels = new int[256];
        foreach ((int row, int from, int to) in heaviest.Runs)
        {
            foreach (byte level in Ink.Levels.AsSpan(row * Ink.Width + from, to - from))
            {
                levels[level]++;
            }
        }

        int threshold = (int)(FaintPart * Histograms.Quantile(levels, 0.9));
        return threshold > 1.2 * Threshold
            ? new InkSheet(Ink, IsInkLighter, threshold, Noise, Lines, InkMark.Of(Ink, threshold))
            : this;
    }

    /// <summary>The picture, and means of a few pixels where it is grainy and has pixels to spare.</summary>
    public static Plane Smoothed(GreyImage image)
    {
        Plane plane = new(image.Width, image.Height, image.Pixels);
        int[] steps = Steps(plane.Levels);

        // The median of |a - b| is 0.954 standard deviations of normal a and b.
        int[] shades = plane.Histogram();
        double noise = Histograms.Quantile(steps, 0.5) / 0.954;
        double contrast = Histograms.Quantile(shades, 0.995) - Histograms.Quantile(shades, 0.005);
        int longest = Math.Max(image.Width, image.Height);
        int radius = Math.Min(longest / 100, (int)Math.Ceiling((12 * noise / Math.Max(1, contrast) - 1) / 2));
        return radius > 0 ? plane.Blurred(radius) : plane;
    }

    /// <summary>How many pixels differ by how many levels from the one before them.</summary>
    private static int[] Steps(byte[] levels)
    {
        byte[] steps = GC.AllocateUninitializedArray<byte>(Math.Max(0, levels.Length - 1));
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = (byte)Math.Abs(levels[i + 1] - levels[i]);
        }

        return new Plane(steps.Length, 1, steps).Histogram();
    }

    /// <summary>
    /// How much darker than its paper each pixel is. A shadow takes the same part of the light from ink and from paper, so the
    /// difference is multiplied by what the paper lacks; of light ink on dark that is not so.
    /// </summary>
    private static Plane Difference(Plane shades, int radius, bool isLit)
    {
        byte[] paper = shades.Closed(radius).Levels;
        int[] scales = [.. Enumerable.Range(0, 256).Select(level => isLit ? (255 << 8) / Math.Max(level, DarkestPaper) : 1 << 8)];
        byte[] ink = GC.AllocateUninitializedArray<byte>(paper.Length);
        ReadOnlySpan<byte> levels = shades.Levels.AsSpan(0, ink.Length);
        for (int i = 0; i < ink.Length; i++)
        {
            int level = paper[i];
            ink[i] = (byte)Math.Min(255, (level - levels[i]) * scales[level] >> 8);
        }

        return shades with { Levels = ink };
    }

    /// <summary>From where on a level is ink, and how far paper stands out from itself.</summary>
    private static (int Threshold, double Noise) Part(int[] counts)
    {
        // What Otsu's level parts off below is paper, or half of its noise.
        double otsu = Histograms.Otsu(counts);
        int end = Math.Clamp((int)otsu + 1, 1, 256);
        int middle = Histograms.Quantile(counts, 0.5, end);
        double deviation = Math.Max(0.5, middle - Histograms.Quantile(counts, 0.16, end));
        double least = middle + 3 * deviation;
        double threshold = Math.Max(Math.Max(LeastContrast, otsu / 2), Math.Max(least, Math.Min(least + 2 * deviation, otsu)));
        return ((int)Math.Min(threshold, 254), middle + deviation);
    }
}
