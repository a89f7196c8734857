namespace GpuConvnet.Recognition.Finding;

/// <summary>Marks that may be a digit together, and how much they look like one.</summary>
internal sealed class Candidate
{
    /// <summary>How far, in its own size, a stroke may lie from the rest of its digit.</summary>
    private const double Near = 0.15;

    /// <summary>How heavy, in parts of the digit, a mark near it must be to be no speck.</summary>
    private const double LeastShare = 0.02;

    /// <summary>What part of its box's half outline lies at the picture's edge, of a mark that the edge cuts.</summary>
    private const double CutByEdge = 0.1;

    /// <summary>So many marks are no digit, however near they lie.</summary>
    private const int MostParts = 9;

    /// <summary>Digits larger than this, in pixels, are not as bold as small ones may be.</summary>
    private const int Bold = 200;

    /// <summary>Digits smaller than this may be all stroke.</summary>
    private const int Tiny = 40;

    private Candidate(InkMark main, List<InkMark> parts, InkBox box, double likeness) =>
        (Main, Parts, Box, Likeness) = (main, parts, box, likeness);

    /// <summary>The heaviest mark.</summary>
    public InkMark Main { get; }

    /// <summary>All marks.</summary>
    public List<InkMark> Parts { get; }

    /// <summary>The box around them.</summary>
    public InkBox Box { get; }

    /// <summary>How much it has the shape of a digit, from 0, not at all, to 1.</summary>
    public double Likeness { get; }

    /// <summary>The sum of its levels.</summary>
    public long Mass => Parts.Sum(part => part.Mass);

    /// <summary>
    /// Whether another mark tells against this one: not what surrounds it, such as a desk that the picture's edge cuts, nor a
    /// line under the digit, far too long to be one.
    /// </summary>
    /// <param name="mark">Another mark.</param>
    public bool IsBesides(InkMark mark)
    {
        (int width, int height) = (mark.Box.Width, mark.Box.Height);
        (int X, int Y) middle = ((Box.Left + Box.Right) / 2, (Box.Top + Box.Bottom) / 2);
        bool isLine = width > 2.4 * height && width > 1.1 * Box.Width && mark.StrokeWidth < 0.12 * width;
        bool isAround = mark.Box.DistanceTo(new InkBox(middle.X, middle.Y, middle.X + 1, middle.Y + 1)) == 0
            && mark.AtEdge > CutByEdge * (width + height);
        return !mark.IsSurround && !isLine && !isAround;
    }

    /// <summary>A mark and what belongs to it.</summary>
    /// <param name="main">The heaviest mark.</param>
    /// <param name="sheet">The picture's ink.</param>
    public static Candidate Around(InkMark main, InkSheet sheet)
    {
        List<InkMark> parts = [main];
        InkBox box = main.Box;
        int reach = (int)(2 * Near * main.Box.Longest) + main.Box.Longest;
        List<InkMark> rest = sheet.Marks.FindAll(mark => mark != main && !mark.IsSurround && !IsCut(mark)
            && mark.Mass >= LeastShare * main.Mass
            && mark.Mass <= main.Mass && mark.StrokeWidth >= 0.45 * main.StrokeWidth && mark.Box.DistanceTo(main.Box) <= reach);
        while (parts.Count < MostParts && rest.Find(mark => BelongsTo(parts, box, mark)) is { } near)
        {
            parts.Add(near);
            rest.Remove(near);
            box = box.With(near.Box);
        }

        return new Candidate(main, parts, box, LikenessOf(main, parts, box, sheet.IsInkLighter));
    }

    /// <summary>Whether the picture's edge cuts a mark, as it cuts what lies around the paper.</summary>
    private static bool IsCut(InkMark mark) => mark.AtEdge > CutByEdge * (mark.Box.Width + mark.Box.Height);

    /// <summary>
    /// Whether a mark is a part of the digit, such as the bar of a 5: near, and the two together no wider than high, or
    /// above one another. The next digit of a number makes them wider.
    /// </summary>
    private static bool BelongsTo(List<InkMark> parts, InkBox box, InkMark mark)
    {
        if (parts.Min(part => part.Box.DistanceTo(mark.Box)) > Near * box.Longest)
        {
            return false;
        }

        InkBox both = box.With(mark.Box);
        int shared = Math.Min(box.Right, mark.Box.Right) - Math.Max(box.Left, mark.Box.Left);
        return both.Width <= 1.1 * both.Height || 2 * shared >= mark.Box.Width;
    }

    /// <summary>
    /// Strokes neither hairs nor blobs, higher than wide or not much wider, few holes, and not cut by the picture's edge.
    /// </summary>
    private static double LikenessOf(InkMark main, List<InkMark> parts, InkBox box, bool isLighter)
    {
        double thin = main.StrokeWidth / box.Longest;
        double aspect = (double)box.Width / box.Height;
        double filled = parts.Sum(part => part.Area) / ((double)box.Width * box.Height);
        if (main.IsSurround || thin < 0.012 || thin > (box.Longest > Tiny ? 0.38 : 0.45) || aspect is > 2.4 or < 0.05)
        {
            return 0;
        }

        double likeness = 1;
        likeness *= thin > (box.Longest > Tiny ? 0.32 : 0.4) ? 0.5 : 1;
        likeness *= aspect > 2 ? 0.3 : aspect > 1.35 ? 0.6 : 1;
        likeness *= filled > 0.78 && aspect > 0.5 && box.Longest > Tiny ? 0.3 : 1;

        // A sheet of paper with a digit on it, seen the wrong way round.
        bool isSheet = (filled > (isLighter ? 0.55 : 0.62) && aspect > 0.9)
            || (isLighter && filled > 0.5 && thin > 0.24 && aspect > 0.6);
        likeness *= isSheet && box.Longest > Bold ? 0.3 : 1;
        likeness *= main.Holes > 12 ? 0.05 : main.Holes > 6 ? 0.3 : main.Holes > 3 ? 0.6 : 1;
        likeness *= main.AtEdge > CutByEdge * (box.Width + box.Height) ? 0.4 : 1;
        likeness *= parts.Count > 6 ? 0.3 : parts.Count > 3 ? 0.5 : 1;
        return likeness;
    }
}
