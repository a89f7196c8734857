using GpuConvnet.Recognition.Finding;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>Cuts marks where digits may touch: more often than needed, so that the right cuts are among them.</summary>
/// <remarks>
/// A cut runs from the top of a mark to its bottom through one place of its middle row, and takes the way that meets the least
/// ink: it leans as the digits do, and goes around what reaches over.
/// </remarks>
internal static class Cutting
{
    /// <summary>What it costs a cut to step aside, in pixels of ink.</summary>
    private const float Aside = 0.25f;

    /// <summary>Cuts a mark.</summary>
    /// <param name="mark">The mark.</param>
    /// <param name="number">Which mark of the line it is.</param>
    /// <param name="height">How high the line's digits are.</param>
    /// <returns>Its pieces, from left to right.</returns>
    public static List<Piece> Of(InkMark mark, int number, double height)
    {
        InkBox box = mark.Box;
        int least = Math.Max(3, (int)(0.1 * height));
        if (box.Width < 0.3 * height || box.Width < 2 * least + 2)
        {
            return [new Piece(box, [.. mark.Runs], number, CutBefore: 0)];
        }

        (int Ink, int Strokes, int[] Columns)[] ways = Ways(mark);

        // Those that no better one is near to.
        List<int> cuts = [];
        double most = Math.Max(2.2 * mark.StrokeWidth, 0.35 * height);
        foreach (int x in Enumerable.Range(least, box.Width - 2 * least)
            .OrderBy(x => ways[x].Ink + 0.3 * mark.StrokeWidth * ways[x].Strokes))
        {
            if (ways[x].Ink <= most && ways[x].Strokes <= 2 && cuts.TrueForAll(cut => Math.Abs(cut - x) >= least))
            {
                cuts.Add(x);
            }
        }

        cuts.Sort();
        List<(int Row, int From, int To)>[] runs = [.. Enumerable.Range(0, cuts.Count + 1).Select(_ => new List<(int, int, int)>())];
        foreach ((int row, int from, int to) in mark.Runs)
        {
            int start = from;
            for (int i = 0; i <= cuts.Count && start < to; i++)
            {
                int end = i == cuts.Count ? to : Math.Clamp(box.Left + ways[cuts[i]].Columns[row - box.Top], start, to);
                if (end > start)
                {
                    runs[i].Add((row, start, end));
                    start = end;
                }
            }
        }

        List<Piece> pieces = [];
        for (int i = 0; i < runs.Length; i++)
        {
            if (runs[i].Count == 0)
            {
                continue;
            }

            InkBox own = runs[i].Aggregate(
                new InkBox(int.MaxValue, int.MaxValue, 0, 0), (all, run) => all.With(new InkBox(run.From, run.Row, run.To, run.Row + 1)));
            double cost = pieces.Count == 0 ? 0 : Cost(ways[cuts[i - 1]].Ink, ways[cuts[i - 1]].Strokes, mark.StrokeWidth);
            pieces.Add(new Piece(own, runs[i], number, cost));
        }

        return pieces;
    }

    /// <summary>A cut through one thin stroke is likely where digits touch, one through two or along one is not.</summary>
    private static double Cost(int ink, int strokes, double strokeWidth) =>
        0.7 + 1.3 * Math.Max(0, ink / Math.Max(1, strokeWidth) - 0.75) + (strokes > 1 ? 0.9 : 0);

    /// <summary>For each place of the middle row the way that meets the least ink: how much, in how many strokes, its columns.</summary>
    private static (int Ink, int Strokes, int[] Columns)[] Ways(InkMark mark)
    {
        (int width, int height) = (mark.Box.Width, mark.Box.Height);
        bool[] ink = new bool[width * height];
        foreach ((int row, int from, int to) in mark.Runs)
        {
            ink.AsSpan((row - mark.Box.Top) * width + from - mark.Box.Left, to - from).Fill(true);
        }

        // From the top down to the middle, and from the bottom up to it.
        int middle = height / 2;
        float[] costs = new float[width * height];
        sbyte[] steps = new sbyte[width * height];
        for (int y = 0; y <= middle; y++)
        {
            Reach(y, y - 1, y == 0);
        }

        for (int y = height - 1; y > middle; y--)
        {
            Reach(y, y + 1, y == height - 1);
        }

        (int, int, int[])[] ways = new (int, int, int[])[width];
        for (int x = 0; x < width; x++)
        {
            int[] columns = new int[height];
            int at = x;
            for (int y = middle; y >= 0; y--)
            {
                columns[y] = at;
                at += steps[y * width + at];
            }

            at = x;
            if (middle + 1 < height)
            {
                foreach (int next in (ReadOnlySpan<int>)[x - 1, x + 1])
                {
                    int row = (middle + 1) * width;
                    bool isIn = next >= 0 && next < width;
                    at = isIn && costs[row + next] + Aside < costs[row + at] + (at == x ? 0 : Aside) ? next : at;
                }
            }

            for (int y = middle + 1; y < height; y++)
            {
                columns[y] = at;
                at += steps[y * width + at];
            }

            int met = 0;
            int strokes = 0;
            for (int y = 0; y < height; y++)
            {
                bool isInk = ink[y * width + columns[y]];
                met += isInk ? 1 : 0;
                strokes += isInk && (y == 0 || !ink[(y - 1) * width + columns[y - 1]]) ? 1 : 0;
            }

            ways[x] = (met, strokes, columns);
        }

        return ways;

        void Reach(int y, int before, bool isFirst)
        {
            for (int x = 0; x < width; x++)
            {
                float best = 0;
                sbyte step = 0;
                if (!isFirst)
                {
                    best = costs[before * width + x];
                    if (x > 0 && costs[before * width + x - 1] + Aside < best)
                    {
                        (best, step) = (costs[before * width + x - 1] + Aside, -1);
                    }

                    if (x + 1 < width && costs[before * width + x + 1] + Aside < best)
                    {
                        (best, step) = (costs[before * width + x + 1] + Aside, 1);
                    }
                }

                costs[y * width + x] = best + (ink[y * width + x] ? 1 : 0);
                steps[y * width + x] = step;
            }
        }
    }
}
