namespace GpuConvnet.Recognition.Finding;

/// <summary>A connected piece of ink: a digit, a part of one, a speck, the edge of the paper.</summary>
internal sealed class InkMark
{
    /// <summary>What part of the picture's edge only what surrounds the paper covers.</summary>
    private const double MostOfEdge = 0.25;

    private readonly List<(int Row, int From, int To)> _runs = [];
    private int _neighbours;
    private long _outline;

    /// <summary>Its runs of pixels: row, first column, column after the last.</summary>
    public IReadOnlyList<(int Row, int From, int To)> Runs => _runs;

    /// <summary>The smallest box around it.</summary>
    public InkBox Box { get; private set; } = new(int.MaxValue, int.MaxValue, 0, 0);

    /// <summary>How many pixels it has.</summary>
    public int Area { get; private set; }

    /// <summary>The sum of its levels.</summary>
    public long Mass { get; private set; }

    /// <summary>How many of its pixels lie at the picture's edge.</summary>
    public int AtEdge { get; private set; }

    /// <summary>
    /// Whether it surrounds the paper or crosses it from edge to edge: a desk, a shadow of the lid, a ruled line.
    /// </summary>
    public bool IsSurround { get; private set; }

    /// <summary>How many holes it has, the smallest ones too.</summary>
    public int Holes => _neighbours - _runs.Count + 1;

    /// <summary>The mean width of its strokes, in pixels: twice the ink by the length of its outline.</summary>
    public double StrokeWidth => 2 * Area / Math.Max(1, _outline * Math.PI / 4);

    /// <summary>All marks of a picture, the heaviest first.</summary>
    /// <param name="ink">The picture's ink.</param>
    /// <param name="threshold">What is above it is ink.</param>
    public static List<InkMark> Of(Plane ink, int threshold)
    {
        // Run by run: each joins the runs that it touches in the row above, and a mark is the runs that are joined.
        List<(int Row, int From, int To)> runs = [];
        List<int> parents = [];
        List<(int Neighbours, int Shared)> touching = [];
        int above = 0;
        int aboveEnd = 0;
        for (int y = 0; y < ink.Height; y++)
        {
            int start = runs.Count;
            ReadOnlySpan<byte> row = ink.Levels.AsSpan(y * ink.Width, ink.Width);
            for (int x = NextAbove(row, 0, threshold); x < row.Length; x = NextAbove(row, x, threshold))
            {
                int from = x;
                while (x < row.Length && row[x] > threshold)
                {
                    x++;
                }

                int own = runs.Count;
                runs.Add((y, from, x));
                parents.Add(own);
                int neighbours = 0;
                int shared = 0;
                while (above < aboveEnd && runs[above].To < from)
                {
                    above++;
                }

                for (int other = above; other < aboveEnd && runs[other].From <= x; other++)
                {
                    neighbours++;
                    shared += Math.Max(0, Math.Min(x, runs[other].To) - Math.Max(from, runs[other].From));
                    Join(parents, own, other);
                }

                touching.Add((neighbours, shared));
            }

            (above, aboveEnd) = (start, runs.Count);
        }

        Dictionary<int, InkMark> marks = [];
        for (int i = 0; i < runs.Count; i++)
        {
            int root = Root(parents, i);
            if (!marks.TryGetValue(root, out InkMark? mark))
            {
                marks.Add(root, mark = new InkMark());
            }

            mark.Add(ink, runs[i], touching[i].Neighbours, touching[i].Shared);
        }

        foreach (InkMark mark in marks.Values)
        {
            mark.IsSurround = mark.AtEdge > MostOfEdge * 2 * (ink.Width + ink.Height)
                || (mark.Box.Left == 0 && mark.Box.Right == ink.Width) || (mark.Box.Top == 0 && mark.Box.Bottom == ink.Height);
        }

        return [.. marks.Values.OrderByDescending(mark => mark.Mass)];
    }

    private static int NextAbove(ReadOnlySpan<byte> row, int from, int threshold)
    {
        int next = threshold >= 255 ? -1 : row[from..].IndexOfAnyInRange((byte)(threshold + 1), byte.MaxValue);
        return next < 0 ? row.Length : from + next;
    }

    private static void Join(List<int> parents, int a, int b)
    {
        (a, b) = (Root(parents, a), Root(parents, b));
        parents[Math.Max(a, b)] = Math.Min(a, b);
    }

    private static int Root(List<int> parents, int at)
    {
        while (parents[at] != at)
        {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }

        return at;
    }

    private void Add(Plane ink, (int Row, int From, int To) run, int neighbours, int shared)
    {
        (int row, int from, int to) = run;
        _runs.Add(run);
        _neighbours += neighbours;
        _outline += 2 + 2 * (to - from - shared);
        Box = Box.With(new InkBox(from, row, to, row + 1));
        Area += to - from;
        foreach (byte level in ink.Levels.AsSpan(row * ink.Width + from, to - from))
        {
            Mass += level;
        }

        AtEdge += row == 0 || row == ink.Height - 1 ? to - from : (from == 0 ? 1 : 0) + (to == ink.Width ? 1 : 0);
    }
}
