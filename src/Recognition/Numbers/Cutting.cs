using GpuConvnet.Recognition.Finding;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>Cuts marks where digits may touch: more often than needed, so that the right cuts are among them.</summary>
internal static class Cutting
{
    /// <summary>How far cuts lean, in columns a row.</summary>
    private static readonly double[] s_slants = [0, 0.2, 0.4, -0.2];

    /// <summary>Cuts a mark.</summary>
    /// <param name="mark">The mark.</param>
    /// <param name="number">Which mark of the line it is.</param>
    /// <param name="height">How high the line's digits are.</param>
    /// <returns>Its pieces, from left to right.</returns>
    public static List<Piece> Of(InkMark mark, int number, double height)
    {
        InkBox box = mark.Box;
        int least = Math.Max(3, (int)(0.16 * height));
        if (box.Width < 0.55 * height || box.Width < 2 * least + 2)
        {
            return [new Piece(box, [.. mark.Runs], number, CutBefore: 0)];
        }

        // Of every place, the slant that meets the least ink; and of these places, those that no better one is near to.
        int[] ink = new int[box.Width];
        int[] strokes = new int[box.Width];
        double[] slants = new double[box.Width];
        for (int x = 0; x < box.Width; x++)
        {
            ink[x] = int.MaxValue;
            foreach (double slant in s_slants)
            {
                (int own, int met) = Along(mark, box.Left + x, slant);
                if (own < ink[x])
                {
                    (ink[x], strokes[x], slants[x]) = (own, met, slant);
                }
            }
        }

        List<int> cuts = [];
        foreach (int x in Enumerable.Range(least, box.Width - 2 * least).OrderBy(x => ink[x] + 0.3 * mark.StrokeWidth * strokes[x]))
        {
            double most = Math.Max(2.2 * mark.StrokeWidth, 0.3 * height);
            if (ink[x] <= most && strokes[x] <= 2 && cuts.TrueForAll(cut => Math.Abs(cut - x) >= least))
            {
                cuts.Add(x);
            }
        }

        cuts.Sort();
        List<(int Row, int From, int To)>[] runs = [.. Enumerable.Range(0, cuts.Count + 1).Select(_ => new List<(int, int, int)>())];
        double middle = (box.Top + box.Bottom) / 2.0;
        foreach ((int row, int from, int to) in mark.Runs)
        {
            int start = from;
            for (int i = 0; i <= cuts.Count && start < to; i++)
            {
                int end = i == cuts.Count ? to : Math.Clamp(At(box.Left + cuts[i], slants[cuts[i]], middle, row), start, to);
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
            double cost = i == 0 || pieces.Count == 0 ? 0 : Cost(ink[cuts[i - 1]], strokes[cuts[i - 1]], mark.StrokeWidth);
            pieces.Add(new Piece(own, runs[i], number, cost));
        }

        return pieces;
    }

    /// <summary>A cut through one thin stroke is likely where digits touch, one through two or along one is not.</summary>
    private static double Cost(int ink, int strokes, double strokeWidth) =>
        0.4 + 0.5 * Math.Max(0, ink / Math.Max(1, strokeWidth) - 0.7) + (strokes > 1 ? 1.5 : 0);

    /// <summary>How much ink a slanted cut meets, and in how many strokes.</summary>
    private static (int Ink, int Strokes) Along(InkMark mark, int place, double slant)
    {
        double middle = (mark.Box.Top + mark.Box.Bottom) / 2.0;
        int ink = 0;
        int strokes = 0;
        int last = -2;
        foreach ((int row, int from, int to) in mark.Runs)
        {
            int at = At(place, slant, middle, row);
            if (at >= from && at < to)
            {
                ink++;
                strokes += row > last + 1 ? 1 : 0;
                last = row;
            }
        }

        return (ink, strokes);
    }

    /// <summary>Where a cut is in a row; digits lean to the right, upwards.</summary>
    private static int At(int place, double slant, double middle, int row) => place + (int)Math.Round(slant * (middle - row));
}
