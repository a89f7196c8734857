namespace GpuConvnet.Recognition;

/// <summary>Finds the digit in a picture: the heaviest mark and what belongs to it.</summary>
public static class DigitFinder
{
    /// <summary>Below this many pixels there is no telling digits apart.</summary>
    private const int LeastSize = 5;

    /// <summary>What is smaller than this part of the picture is no digit as long as there is anything else.</summary>
    private const int LeastPart = 40;

    /// <summary>How far, in its own size, a stroke may lie from the rest of its digit.</summary>
    private const double Near = 0.15;

    /// <summary>How heavy, in parts of the digit, a mark near it must be to be no speck.</summary>
    private const double LeastShare = 0.02;

    /// <summary>How heavy, in parts of the digit, a mark is that may be another digit.</summary>
    private const double AnotherDigit = 0.3;

    /// <summary>How dark, between the paper and the darkest, the outermost ink is.</summary>
    private const float EdgeOfInk = 0.2f;

    /// <summary>Finds the digit.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The digit; null where there is none.</returns>
    public static FoundDigit? Find(GreyImage image)
    {
        InkMap ink = InkMap.Of(image);
        List<InkMark> marks = InkMark.Of(ink, out int[] labels);
        int least = Math.Max(LeastSize, Math.Max(image.Width, image.Height) / LeastPart);
        InkMark? main = marks.Find(mark => !mark.IsSurround && mark.Longest >= least)
            ?? marks.Find(mark => mark.Longest >= LeastSize);
        if (main is null)
        {
            return null;
        }

        List<InkMark> parts = [main];
        List<InkMark> rest = marks.FindAll(mark => mark != main && !mark.IsSurround && mark.Mass >= LeastShare * main.Mass);
        while (rest.Find(mark => BelongsTo(parts, mark)) is { } near)
        {
            parts.Add(near);
            rest.Remove(near);
        }

        return CutOut(ink, labels, parts, rest.Count(mark => mark.Mass >= AnotherDigit * main.Mass));
    }

    /// <summary>
    /// Whether a mark is a part of the digit, such as the bar of a 5: near, and the two together no wider than high, or
    /// above one another. The next digit of a number makes them wider.
    /// </summary>
    private static bool BelongsTo(List<InkMark> parts, InkMark mark)
    {
        int left = parts.Min(part => part.Left);
        int right = parts.Max(part => part.Right);
        int top = parts.Min(part => part.Top);
        int bottom = parts.Max(part => part.Bottom);
        int size = Math.Max(right - left, bottom - top);
        if (parts.Min(mark.DistanceTo) > Near * size)
        {
            return false;
        }

        int width = Math.Max(right, mark.Right) - Math.Min(left, mark.Left);
        int height = Math.Max(bottom, mark.Bottom) - Math.Min(top, mark.Top);
        int shared = Math.Min(right, mark.Right) - Math.Max(left, mark.Left);
        return width <= 1.1 * height || 2 * shared >= mark.Width;
    }

    private static FoundDigit? CutOut(InkMap ink, int[] labels, List<InkMark> parts, int others)
    {
        HashSet<int> chosen = [.. parts.Select(part => part.Label)];
        LevelCounts shades = new();
        for (int i = 0; i < labels.Length; i++)
        {
            if (chosen.Contains(labels[i]))
            {
                shades.Add(ink.Levels[i]);
            }
        }

        // The darkest tenth is full ink; below that a pen's own unevenness would show.
        float full = shades.Quantile(0.9);
        float floor = Math.Min(ink.Noise, full / 4);
        if (full < 4 * ink.Noise)
        {
            return null;
        }

        // One pixel more on each side: what is left of the soft edge of a stroke below the threshold.
        int left = Math.Max(0, parts.Min(part => part.Left) - 1);
        int top = Math.Max(0, parts.Min(part => part.Top) - 1);
        int right = Math.Min(ink.Width, parts.Max(part => part.Right) + 1);
        int bottom = Math.Min(ink.Height, parts.Max(part => part.Bottom) + 1);
        int width = right - left;
        float[] cut = new float[width * (bottom - top)];
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                if (IsBeside(labels, ink.Width, ink.Height, x, y, chosen))
                {
                    cut[(y - top) * width + x - left] =
                        Math.Clamp((ink.Levels[y * ink.Width + x] - floor) / (full - floor), 0, 1);
                }
            }
        }

        return Trim(new FoundDigit(left, top, width, bottom - top, cut, others));
    }

    /// <summary>Whether a pixel is the digit's or touches it, and is no other mark's.</summary>
    private static bool IsBeside(int[] labels, int width, int height, int x, int y, HashSet<int> chosen)
    {
        if (labels[y * width + x] is not 0 and var own)
        {
            return chosen.Contains(own);
        }

        for (int row = Math.Max(0, y - 1); row <= Math.Min(height - 1, y + 1); row++)
        {
            for (int column = Math.Max(0, x - 1); column <= Math.Min(width - 1, x + 1); column++)
            {
                if (labels[row * width + column] is not 0 and var label && chosen.Contains(label))
                {
                    return true;
                }
            }
        }

        return false;
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
