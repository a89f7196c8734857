namespace GpuConvnet.Recognition.Finding;

/// <summary>The lines of a form or of ruled paper: found among all thin lines, and taken out of the ink.</summary>
internal sealed class RuledLines
{
    /// <summary>How far lines of one family may differ, in pixels a scan.</summary>
    private const double Parallel = 0.06;

    private readonly List<ThinLine> _down;
    private readonly List<ThinLine> _across;

    private RuledLines(List<ThinLine> down, List<ThinLine> across) =>
        (_down, _across) = (down, across);

    /// <summary>How many there are.</summary>
    public int Count => _down.Count + _across.Count;

    /// <summary>Finds those of a picture.</summary>
    /// <param name="ink">The ink.</param>
    /// <param name="threshold">What is above it is ink.</param>
    public static RuledLines Find(Plane ink, int threshold)
    {
        int longest = Math.Max(ink.Width, ink.Height);
        int thickest = 4 + longest / 60;
        int least = Math.Max(16, longest / 32);
        List<ThinLine> down = LineTracer.Trace(ink, threshold, thickest, least);
        List<ThinLine> across = LineTracer.Trace(ink.Transposed(), threshold, thickest, least);
        bool[] downIsRuled = Choose(down, across, ink.Height, ink.Width);
        bool[] acrossIsRuled = Choose(across, down, ink.Width, ink.Height);
        return new RuledLines(
            [.. down.Where((_, i) => downIsRuled[i])], [.. across.Where((_, i) => acrossIsRuled[i])]);
    }

    /// <summary>Takes them out: what crosses them stays.</summary>
    /// <param name="ink">The ink; its levels become 0 where there is nothing but a line.</param>
    /// <param name="threshold">What is above it is ink.</param>
    public void TakeOut(Plane ink, int threshold)
    {
        byte[] whole = [.. ink.Levels];
        foreach (ThinLine line in _down)
        {
            TakeOut(line, whole, ink.Levels, threshold, scanStride: ink.Width, stride: 1, ink.Width, ink.Height);
        }

        foreach (ThinLine line in _across)
        {
            TakeOut(line, whole, ink.Levels, threshold, scanStride: 1, stride: ink.Width, ink.Height, ink.Width);
        }
    }

    /// <summary>Whether there is a line on all four sides of a box, between it and the picture's edge.</summary>
    public bool Surround(InkBox box)
    {
        double x = (box.Left + box.Right) / 2.0;
        double y = (box.Top + box.Bottom) / 2.0;
        return Sides(_down, y, x) && Sides(_across, x, y);

        static bool Sides(List<ThinLine> lines, double scan, double place)
        {
            double[] places =
            [
                .. lines.Where(line => line.First <= scan && line.Last >= scan).Select(line => line.Intercept + line.Slope * scan),
            ];
            return places.Any(at => at < place) && places.Any(at => at > place);
        }
    }

    /// <summary>
    /// Which lines are no strokes: those from edge to edge of the picture, those with at least two more like them, and those
    /// that meet others at both ends, as a box's sides do. A stroke of a 4 or a 5 meets one.
    /// </summary>
    private static bool[] Choose(List<ThinLine> lines, List<ThinLine> others, int scans, int places)
    {
        double longest = Math.Max(scans, places);
        bool[] chosen = new bool[lines.Count];
        for (int i = 0; i < chosen.Length; i++)
        {
            ThinLine line = lines[i];
            bool isThin = line.Length >= 15 * line.Thickness;
            chosen[i] = (isThin && line.Length >= 0.5 * Math.Min(scans, places) && IsFromEdgeToEdge(line))
                || (isThin && line.Length >= 0.25 * longest && lines.Count(IsLike) >= 3)
                || (line.Length >= longest / 16 && MeetsAtBothEnds(line));

            bool IsLike(ThinLine other) => Math.Abs(other.Slope - line.Slope) <= Parallel
                && other.Length >= 0.6 * line.Length && other.Length >= 15 * other.Thickness;
        }

        // Pieces of lines that a digit hides in part: with a family of their own, they may be shorter.
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i] |= lines.Where((other, at) => chosen[at] && Math.Abs(other.Slope - lines[i].Slope) <= Parallel
                && other.Thickness >= lines[i].Thickness - 1).Count() >= 3;
        }

        return chosen;

        bool IsFromEdgeToEdge(ThinLine line) => IsAtEdge(line, line.First) && IsAtEdge(line, line.Last);

        bool IsAtEdge(ThinLine line, int scan)
        {
            double near = 3 + 0.03 * longest;
            double place = line.Intercept + line.Slope * scan;
            return scan < near || scan > scans - near || place < near || place > places - near;
        }

        bool MeetsAtBothEnds(ThinLine line)
        {
            double near = 3 + line.Thickness + 0.01 * longest;
            bool atFirst = false;
            bool atLast = false;
            foreach (ThinLine other in others)
            {
                // place = a + b scan along this one, scan = c + d place along the other.
                double scan = (other.Intercept + other.Slope * line.Intercept) / (1 - other.Slope * line.Slope);
                double place = line.Intercept + line.Slope * scan;
                if (place < other.First - near || place > other.Last + near || scan < line.First - near || scan > line.Last + near)
                {
                    continue;
                }

                double part = (scan - line.First) / Math.Max(1, line.Last - line.First);
                atFirst |= part < 0.15;
                atLast |= part > 0.85;
            }

            return atFirst && atLast;
        }
    }

    private static void TakeOut(
        ThinLine line, byte[] whole, byte[] left, int threshold, int scanStride, int stride, int places, int scans)
    {
        int most = line.Thickness + Math.Max(2, line.Thickness / 2);
        int reach = 2 + line.Thickness / 2;
        int next = 0;
        int first = Math.Max(0, line.First - 2);
        int last = Math.Min(scans - 1, line.Last + 2);
        for (int scan = first; scan <= last; scan++)
        {
            while (next < line.Count - 1 && line.Runs[next + 1].Scan <= scan)
            {
                next++;
            }

            // Where the line's run is hidden, it is expected between the runs before and after it.
            (int before, int from, int to) = line.Runs[next];
            double place = (from + to) / 2.0 + line.Slope * (scan - before);
            if (next + 1 < line.Count && scan > before)
            {
                (int after, int nextFrom, int nextTo) = line.Runs[next + 1];
                place = (from + to) / 2.0 + ((nextFrom + nextTo) - (from + to)) / 2.0 * (scan - before) / (after - before);
            }

            int start = scan * scanStride;
            int middle = Nearest(start, (int)place);
            if (middle < 0)
            {
                continue;
            }

            int low = middle;
            int high = middle + 1;
            while (low > 0 && middle - low <= most && whole[start + (low - 1) * stride] > threshold)
            {
                low--;
            }

            while (high < places && high - middle <= most && whole[start + high * stride] > threshold)
            {
                high++;
            }

            if (high - low > most)
            {
                continue;
            }

            for (int at = Math.Max(0, low - 1); at < Math.Min(places, high + 1); at++)
            {
                left[start + at * stride] = 0;
            }
        }

        int Nearest(int start, int place)
        {
            for (int off = 0; off <= reach; off++)
            {
                if (place + off >= 0 && place + off < places && whole[start + (place + off) * stride] > threshold)
                {
                    return place + off;
                }

                if (place - off >= 0 && place - off < places && whole[start + (place - off) * stride] > threshold)
                {
                    return place - off;
                }
            }

            return -1;
        }
    }
}
