namespace GpuConvnet.Recognition.Finding;

/// <summary>A light sheet of paper on something darker, such as a desk: what is written is looked for on it alone.</summary>
internal static class PaperSheet
{
    /// <summary>The picture's longer side while sheets are looked for, at the most twice this.</summary>
    private const int Side = 96;

    /// <summary>What part of the picture a sheet has, at the least and at the most.</summary>
    private const double Least = 0.1;
    private const double Most = 0.9;

    /// <summary>What part of the tightest rectangle around it a sheet fills; an ellipse fills 0.79.</summary>
    private const double Rectangular = 0.86;

    /// <summary>What part of a sheet is paper, at the least: the rest is written on.</summary>
    private const double Empty = 0.6;

    /// <summary>What part of what surrounds it may be as light as it is.</summary>
    private const double LightAround = 0.08;

    /// <summary>How many levels the sheet and what surrounds it differ by, at the least.</summary>
    private const double LeastContrast = 30;

    /// <summary>How many pixels within the sheet's edge tell its shade.</summary>
    private const int Edge = 8;

    /// <summary>Looks for a sheet.</summary>
    /// <param name="shades">The picture.</param>
    /// <returns>
    /// The sheet's part of the picture, with paper instead of what lies beyond its edges, and where that part is; null where
    /// there is no sheet.
    /// </returns>
    public static (Plane Paper, int Left, int Top)? Find(Plane shades)
    {
        int factor = Math.Max(1, Math.Max(shades.Width, shades.Height) / Side);
        if (factor == 1)
        {
            return null;
        }

        Plane small = shades.Reduced(factor);
        int[] counts = small.Histogram();
        int threshold = (int)Histograms.Otsu(counts);
        if (Means(counts, threshold) is var (dark, light) && light - dark < LeastContrast)
        {
            return null;
        }

        InkMark? sheet = InkMark.Of(small, threshold).FirstOrDefault();
        if (sheet is null || sheet.IsSurround)
        {
            return null;
        }

        // Row by row from its first pixel to its last: what is written on it is a part of it.
        InkBox box = sheet.Box;
        (int From, int To)[] rows = new (int, int)[box.Height];
        Array.Fill(rows, (int.MaxValue, 0));
        foreach ((int row, int from, int to) in sheet.Runs)
        {
            ref (int From, int To) own = ref rows[row - box.Top];
            own = (Math.Min(own.From, from), Math.Max(own.To, to));
        }

        int area = rows.Sum(row => row.To - row.From);
        int all = small.Levels.Length;
        int lightAround = small.Levels.Count(level => level > threshold) - sheet.Area;
        return area < Least * all || area > Most * all || sheet.Area < Empty * area || lightAround > LightAround * (all - area)
            || area < Rectangular * TightestRectangle(rows)
            ? null
            : CutOut(shades, factor, box, rows);
    }

    /// <summary>The mean levels of what is not above a threshold and of what is.</summary>
    private static (double Dark, double Light) Means(int[] counts, int threshold)
    {
        double[] sums = new double[2];
        long[] all = [0, 0];
        for (int level = 0; level < counts.Length; level++)
        {
            int side = level > threshold ? 1 : 0;
            sums[side] += (double)level * counts[level];
            all[side] += counts[level];
        }

        return (sums[0] / Math.Max(1, all[0]), sums[1] / Math.Max(1, all[1]));
    }

    /// <summary>The area of the smallest rectangle around it, of those that lean by whole multiples of 3 degrees.</summary>
    private static double TightestRectangle((int From, int To)[] rows)
    {
        double least = double.PositiveInfinity;
        for (int degrees = 0; degrees < 90; degrees += 3)
        {
            (double sine, double cosine) = Math.SinCos(degrees * Math.PI / 180);
            (double left, double right, double top, double bottom) = (double.MaxValue, double.MinValue, double.MaxValue, double.MinValue);
            for (int y = 0; y < rows.Length; y++)
            {
                foreach (int x in (ReadOnlySpan<int>)[rows[y].From, rows[y].To])
                {
                    double across = x * cosine + (y + 0.5) * sine;
                    double down = (y + 0.5) * cosine - x * sine;
                    (left, right) = (Math.Min(left, across), Math.Max(right, across));
                    (top, bottom) = (Math.Min(top, down), Math.Max(bottom, down));
                }
            }

            least = Math.Min(least, (right - left) * (bottom - top));
        }

        return least;
    }

    private static (Plane Paper, int Left, int Top)? CutOut(Plane shades, int factor, InkBox box, (int From, int To)[] rows)
    {
        // A coarse pixel within its edges everywhere: the soft edge is no paper.
        const int Within = 1;
        int left = (box.Left + Within) * factor;
        int top = (box.Top + Within) * factor;
        int width = (box.Right - Within) * factor - left;
        int height = (box.Bottom - Within) * factor - top;
        byte[] paper = new byte[width * height];
        for (int y = 0; y < height; y++)
        {
            int coarse = y / factor + Within;
            int from = 0;
            int to = int.MaxValue;
            foreach ((int first, int last) in rows.AsSpan(coarse - 1, 3))
            {
                (from, to) = (Math.Max(from, first + Within), Math.Min(to, last - Within));
            }

            (from, to) = (from * factor - left, to * factor - left);
            Span<byte> row = paper.AsSpan(y * width, width);
            if (to - from < Edge)
            {
                // Nothing but a corner: as its neighbour, where there is one.
                (y == 0 ? [] : paper.AsSpan((y - 1) * width, width)).CopyTo(row);
                continue;
            }

            ReadOnlySpan<byte> own = shades.Levels.AsSpan((top + y) * shades.Width + left, width);
            own[from..to].CopyTo(row[from..]);
            row[..from].Fill(Mean(own.Slice(from, Edge)));
            row[to..].Fill(Mean(own.Slice(to - Edge, Edge)));
        }

        // Corners at the top take the first row's shades.
        int firstRow = Array.FindIndex(paper, level => level > 0) / width;
        for (int y = 0; y < firstRow; y++)
        {
            paper.AsSpan(firstRow * width, width).CopyTo(paper.AsSpan(y * width));
        }

        return (new Plane(width, height, paper), left, top);
    }

    private static byte Mean(ReadOnlySpan<byte> levels)
    {
        int sum = 0;
        foreach (byte level in levels)
        {
            sum += level;
        }

        return (byte)(sum / levels.Length);
    }
}
