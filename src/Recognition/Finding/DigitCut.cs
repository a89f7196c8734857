namespace GpuConvnet.Recognition.Finding;

/// <summary>Cuts a digit out of a picture's ink.</summary>
internal static class DigitCut
{
    /// <summary>How dark, between the paper and the darkest, the outermost ink is.</summary>
    private const float EdgeOfInk = 0.2f;

    /// <summary>Cuts it out.</summary>
    /// <param name="sheet">The picture's ink.</param>
    /// <param name="box">The box around the digit.</param>
    /// <param name="runs">The digit's pixels: row, first column, column after the last.</param>
    /// <returns>The digit; null where its ink is no darker than the paper's own unevenness.</returns>
    public static FoundDigit? Of(InkSheet sheet, InkBox box, IEnumerable<(int Row, int From, int To)> runs)
    {
        Plane ink = sheet.Ink;
        int[] shades = new int[256];

        // One pixel more on each side: what is left of the soft edge of a stroke below the threshold.
        int left = Math.Max(0, box.Left - 1);
        int top = Math.Max(0, box.Top - 1);
        int right = Math.Min(ink.Width, box.Right + 1);
        int bottom = Math.Min(ink.Height, box.Bottom + 1);
        int width = right - left;
        byte[] kinds = new byte[width * (bottom - top)];
        const byte Beside = 1;
        const byte Own = 2;
        foreach ((int row, int from, int to) in runs)
        {
            for (int x = from; x < to; x++)
            {
                shades[ink.Levels[row * ink.Width + x]]++;
            }

            int first = Math.Max(left, from - 1);
            int count = Math.Min(right, to + 1) - first;
            for (int y = Math.Max(top, row - 1); y <= Math.Min(bottom - 1, row + 1); y++)
            {
                foreach (ref byte kind in kinds.AsSpan((y - top) * width + first - left, count))
                {
                    kind |= Beside;
                }
            }

            foreach (ref byte kind in kinds.AsSpan((row - top) * width + from - left, to - from))
            {
                kind |= Own;
            }
        }

        // The darkest tenth is full ink; below that a pen's own unevenness would show.
        float full = Histograms.Quantile(shades, 0.9);
        float floor = (float)Math.Min(sheet.Noise, full / 4);
        if (full < 2 * sheet.Noise)
        {
            return null;
        }

        float[] cut = new float[kinds.Length];
        for (int i = 0; i < cut.Length; i++)
        {
            // Beside it, the soft edge is its own and another mark is not.
            int level = ink.Levels[(top + i / width) * ink.Width + left + i % width];
            if (kinds[i] >= Own || (kinds[i] == Beside && level <= sheet.Threshold))
            {
                cut[i] = Math.Clamp((level - floor) / (full - floor), 0, 1);
            }
        }

        return Trim(new FoundDigit(left, top, width, bottom - top, cut, Others: 0));
    }

    /// <summary>Without the rows and columns at its edges that hold hardly any ink.</summary>
    private static FoundDigit Trim(FoundDigit digit)
    {
        (int left, int top, int right, int bottom) = (digit.Width, digit.Height, 0, 0);
        for (int y = 0; y < digit.Height; y++)
        {
            for (int x = 0; x < digit.Width; x++)
            {
                if (digit.Ink[y * digit.Width + x] >= EdgeOfInk)
                {
                    (left, top) = (Math.Min(left, x), Math.Min(top, y));
                    (right, bottom) = (Math.Max(right, x + 1), Math.Max(bottom, y + 1));
                }
            }
        }

        float[] trimmed = new float[(right - left) * (bottom - top)];
        for (int y = top; y < bottom; y++)
        {
            digit.Ink.AsSpan(y * digit.Width + left, right - left).CopyTo(trimmed.AsSpan((y - top) * (right - left)));
        }

        return digit with
        {
            Left = digit.Left + left,
            Top = digit.Top + top,
            Width = right - left,
            Height = bottom - top,
            Ink = trimmed,
        };
    }
}
