namespace GpuConvnet.Recognition.Finding;

/// <summary>Follows thin lines through a picture's ink.</summary>
internal static class LineTracer
{
    /// <summary>Lines lean by less than this, in pixels a scan: steeper ones are found the other way.</summary>
    private const double MostSlope = 0.9;

    /// <summary>Traces lines that run down the picture; across it, of the transposed one.</summary>
    /// <param name="ink">The ink.</param>
    /// <param name="threshold">What is above it is ink.</param>
    /// <param name="thickest">How thick a line may be.</param>
    /// <param name="least">How long one must be to matter.</param>
    public static List<ThinLine> Trace(Plane ink, int threshold, int thickest, int least)
    {
        int longestGap = Math.Max(4, Math.Max(ink.Width, ink.Height) / 12);
        List<ThinLine> done = [];
        List<ThinLine> open = [];
        List<(int From, int To)> runs = [];
        int[] slots = new int[ink.Width];
        bool[] taken = new bool[ink.Width];
        for (int scan = 0; scan < ink.Height; scan++)
        {
            ReadOnlySpan<byte> row = ink.Levels.AsSpan(scan * ink.Width, ink.Width);
            runs.Clear();
            for (int x = 0; x < row.Length;)
            {
                if (row[x] <= threshold)
                {
                    x++;
                    continue;
                }

                int from = x;
                while (x < row.Length && row[x] > threshold)
                {
                    x++;
                }

                if (x - from <= thickest)
                {
                    runs.Add((from, x));
                    slots.AsSpan(from, x - from).Fill(runs.Count);
                    taken[runs.Count - 1] = false;
                }
            }

            int kept = 0;
            for (int i = 0; i < open.Count; i++)
            {
                ThinLine line = open[i];
                double expected = line.Expected(scan);
                int run = RunAt(slots, expected, scan - line.Last);
                if (run > 0 && !taken[run - 1] && line.Fits(runs[run - 1].To - runs[run - 1].From))
                {
                    (int from, int to) = runs[run - 1];
                    taken[run - 1] = true;
                    line.Add(scan, from, to);
                }
                else if (scan - line.Last > Math.Min(longestGap, 1 + line.Count / 3))
                {
                    Close(line);
                    continue;
                }

                open[kept++] = line;
            }

            open.RemoveRange(kept, open.Count - kept);
            for (int i = 0; i < runs.Count; i++)
            {
                (int from, int to) = runs[i];
                slots.AsSpan(from, to - from).Clear();
                if (!taken[i])
                {
                    open.Add(new ThinLine(scan, from, to));
                }
            }
        }

        open.ForEach(Close);
        return done;

        void Close(ThinLine line)
        {
            if (line.Count < least / 2)
            {
                return;
            }

            line.Finish();
            bool isStraight = line.Unevenness <= 1 + 0.3 * line.Thickness + 0.004 * line.Length && Math.Abs(line.Slope) <= MostSlope;
            if (line.Length >= Math.Max(least, 10 * line.Thickness) && line.Count >= 0.5 * (line.Last - line.First + 1) && isStraight)
            {
                done.Add(line);
            }
        }
    }

    /// <summary>The run nearest to a place, or 0.</summary>
    private static int RunAt(int[] slots, double place, int gap)
    {
        int middle = (int)place;
        int reach = gap > 3 ? 2 : 1;
        for (int off = 0; off <= reach; off++)
        {
            foreach (int x in (ReadOnlySpan<int>)[middle - off, middle + off])
            {
                if (x >= 0 && x < slots.Length && slots[x] != 0)
                {
                    return slots[x];
                }
            }
        }

        return 0;
    }
}
