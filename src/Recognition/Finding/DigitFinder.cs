using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Recognition.Finding;

/// <summary>Finds the digit in a picture: the heaviest marks that look like one, whatever surrounds them.</summary>
/// <remarks>
/// What is darker than its surroundings, or lighter, is ink (<see cref="InkSheet"/>); the lines of paper and forms are taken
/// out of it; connected pieces are marks, and marks that lie together are candidates.
/// </remarks>
internal static class DigitFinder
{
    /// <summary>Below this many pixels there is no telling digits apart.</summary>
    private const int LeastSize = 5;

    /// <summary>What is smaller than this part of the picture is no digit as long as there is anything else.</summary>
    private const int LeastPart = 40;

    /// <summary>How heavy, in parts of the digit, a mark is that may be another digit.</summary>
    private const double AnotherDigit = 0.3;

    /// <summary>So many marks beside one of the same size are a number or a text, and none of them is the digit.</summary>
    private const int Row = 3;

    /// <summary>Up to this side, in pixels, strokes may be as wide as a third of the picture.</summary>
    private const int Tiny = 64;

    /// <summary>How many marks are looked at, the heaviest first.</summary>
    private const int Tried = 12;

    /// <summary>Smaller than this, in pixels, a digit is looked at closer where the picture has more of them.</summary>
    private const int LeastPixels = 40;

    /// <summary>How much more a shape is believed that stands quite alone on its paper, however dark what surrounds the paper is.</summary>
    private const double Alone = 1.5;

    /// <summary>Surer than this of what is on a sheet of paper, the picture around it is not looked at.</summary>
    private const double SureOnPaper = 0.65;

    /// <summary>Less sure than this is no digit.</summary>
    private const double LeastSureness = 0.2;

    /// <summary>Finds the digit.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The digit; null where there is none.</returns>
    public static FoundDigit? Find(GreyImage image) => Search(image).Digit;

    /// <summary>Looks for a digit.</summary>
    /// <param name="image">The picture.</param>
    public static DigitSearch Search(GreyImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Plane shades = InkSheet.Smoothed(image);
        if (PaperSheet.Find(shades) is var (paper, left, top))
        {
            GreyImage part = new(paper.Width, paper.Height, paper.Levels) { Reduction = image.Reduction };
            DigitSearch onPaper = Search(part, paper, [false], isCertain: true);
            if (onPaper.Digit is { } digit && digit.Sureness >= SureOnPaper)
            {
                digit = digit with { Left = left + digit.Left, Top = top + digit.Top };
                InkBox box = new(digit.Left, digit.Top, digit.Left + digit.Width, digit.Top + digit.Height);
                return image.Detail is { } fine && box.Longest < LeastPixels
                    ? Closer(image, fine, box)
                    : onPaper with { Digit = digit };
            }
        }

        double evidence = Polarity.Evidence(shades);
        bool isCertain = Math.Abs(evidence) > 0.4;
        return Search(image, shades, [evidence > 0, evidence <= 0], isCertain);
    }

    /// <summary>Looks for dark ink and for light ink in turn.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="shades">The same, grain smoothed.</param>
    /// <param name="polarities">Whether ink is light, the likelier first.</param>
    /// <param name="isCertain">Whether the first is as good as certain.</param>
    private static DigitSearch Search(GreyImage image, Plane shades, ReadOnlySpan<bool> polarities, bool isCertain)
    {
        int[] radii = Radii(image);
        (InkSheet? sheet, Candidate? best, double score) = (null, null, 0);
        foreach (bool isLighter in polarities)
        {
            double trust = isLighter == polarities[0] ? 1 : isCertain ? 0.6 : 0.9;
            (InkSheet narrower, Candidate? inNarrower, double narrowerScore) = (null!, null, 0);
            foreach (int radius in radii)
            {
                InkSheet tried = InkSheet.Of(shades, isLighter, radius).WithoutFaintMarks(LeastSize);
                Candidate? candidate = Best(tried, image);
                double own = candidate is null ? 0 : trust * Score(tried, candidate, shades);

                // Bold strokes leave but their rims to a window that is too narrow: the wider one finds more of the same.
                bool isMore = inNarrower is not null && candidate is not null && candidate.Mass > 1.1 * inNarrower.Mass
                    && candidate.Box.DistanceTo(inNarrower.Box) == 0 && own > 0.7 * narrowerScore && score == narrowerScore;
                if (own > score || isMore)
                {
                    (sheet, best, score) = (tried, candidate, own);
                }

                if (own > 0.5 && candidate!.Main.StrokeWidth < 0.42 * radius * 2)
                {
                    break;
                }

                (narrower, inNarrower, narrowerScore) = (tried, candidate, own);
            }

            // What a ring encloses stands alone too: where ink may be light as well as dark, that does not count.
            if (best is not null && (isCertain ? Sureness(sheet!, best, score) : score) > 0.75)
            {
                break;
            }
        }

        if (sheet is null || best is null)
        {
            return new DigitSearch(null, "Nothing in it stands out from its surroundings as a digit does");
        }

        if (image.Detail is { } detail && best.Box.Longest < LeastPixels)
        {
            return Closer(image, detail, best.Box);
        }

        int alike = Alike(sheet, best);
        if (alike >= Row)
        {
            return new DigitSearch(null, $"There are {alike + 1} marks of one size in it, as in a number or a text");
        }

        double sureness = Sureness(sheet, best, score);
        if (sureness < LeastSureness)
        {
            return new DigitSearch(null, FormattableString.Invariant(
                $"What stands out the most has {100 * Share(sheet, best):F0}% of all ink and hardly a digit's shape"));
        }

        FoundDigit? digit = DigitCut.Of(sheet, best.Box, best.Parts.SelectMany(part => part.Runs));
        if (digit is null)
        {
            return new DigitSearch(null, "What stands out the most is as faint as the paper's own unevenness");
        }

        int others = sheet.Marks.Count(mark => !best.Parts.Contains(mark) && !mark.IsSurround && mark.Mass >= AnotherDigit * best.Mass
            && 2 * mark.Box.Longest >= best.Box.Longest);
        List<string> seen = [];
        if (sheet.Lines.Count > 0)
        {
            seen.Add(sheet.Lines.Surround(best.Box) ? "read inside a frame" : "lines removed");
        }

        if (others > 0)
        {
            seen.Add($"{(others == 1 ? "two" : $"{others + 1}")} candidates");
        }

        return new DigitSearch(digit with { Reduction = image.Reduction, Others = others, Seen = seen, Sureness = sureness }, null);
    }

    /// <summary>How sure it is that the best candidate is a digit, from 0 to 1.</summary>
    private static double Sureness(InkSheet sheet, Candidate best, double score)
    {
        bool isAlone = best.Likeness == 1 && best.Main.AtEdge == 0 && best.Parts.Count <= 2
            && Share(sheet, best) >= 0.95 && Cleanness(sheet, best) >= 0.98;
        return Math.Min(1, isAlone ? Alone * score : score);
    }

    /// <summary>Looks again at what is around a box, with all the pixels that there are.</summary>
    private static DigitSearch Closer(GreyImage image, GreyImage detail, InkBox box)
    {
        double scale = (double)detail.Width / image.Width;
        int margin = 2 * box.Longest;
        int left = (int)(Math.Max(0, box.Left - margin) * scale);
        int top = (int)(Math.Max(0, box.Top - margin) * scale);
        int right = Math.Min(detail.Width, (int)((box.Right + margin) * scale));
        int bottom = Math.Min(detail.Height, (int)((box.Bottom + margin) * scale));
        DigitSearch search = Search(detail.Part(left, top, right, bottom));
        return search.Digit is not { } digit ? search : search with
        {
            Digit = digit with { Left = left + digit.Left, Top = top + digit.Top, Reduction = detail.Reduction },
        };
    }

    /// <summary>
    /// Half of the widths that no stroke has: narrow, so that a light that changes does not matter, and then wide, for bold
    /// digits that fill their picture.
    /// </summary>
    private static int[] Radii(GreyImage image)
    {
        int longest = Math.Max(image.Width, image.Height);
        int wide = Math.Max(3, (int)(0.18 * longest));
        return longest <= Tiny ? [wide] : [Math.Max(3, longest / 15), wide];
    }

    private static Candidate? Best(InkSheet sheet, GreyImage image)
    {
        int least = Math.Max(LeastSize, Math.Max(image.Width, image.Height) / LeastPart);
        return sheet.Marks.Where(mark => mark.Box.Longest >= least).Take(Tried)
                .Select(mark => Candidate.Around(mark, sheet)).Where(candidate => candidate.Likeness > 0)
                .MaxBy(candidate => candidate.Likeness * candidate.Mass)
            ?? sheet.Marks.Where(mark => mark.Box.Longest >= LeastSize).Take(Tried)
                .Select(mark => Candidate.Around(mark, sheet)).Where(candidate => candidate.Likeness > 0)
                .MaxBy(candidate => candidate.Likeness * candidate.Mass);
    }

    /// <summary>How much a candidate looks like the one digit of its picture, from 0 to 1.</summary>
    private static double Score(InkSheet sheet, Candidate candidate, Plane shades)
    {
        double even = Evenness(sheet, candidate);

        // Of a stroke of few pixels, most are edge.
        double wanted = 0.45 + 0.35 * Math.Clamp((candidate.Main.StrokeWidth - 4) / 8, 0, 1);
        double evenEnough = Math.Clamp((even - wanted + 0.25) / 0.25, 0, 1);
        double lonely = 1 - 0.8 * SameAround(sheet, candidate, shades);
        double cleanness = Cleanness(sheet, candidate);
        double clean = Math.Pow(cleanness, sheet.Lines.Count > 0 ? 2 : 3);

        // Where nothing else is near, soft strokes are an enlarged digit's.
        evenEnough += (1 - evenEnough) * 0.8 * Math.Clamp((cleanness - 0.94) / 0.05, 0, 1);
        return candidate.Likeness * Share(sheet, candidate) * evenEnough * lonely * clean;
    }

    /// <summary>The part of the ink that a candidate has; specks do not count.</summary>
    private static double Share(InkSheet sheet, Candidate candidate)
    {
        double least = 0.03 * candidate.Mass;
        double all = 0;
        foreach (InkMark mark in sheet.Marks)
        {
            if (mark.Mass < least)
            {
                break;
            }

            all += candidate.Parts.Contains(mark) || !candidate.IsBesides(mark) ? 0 : mark.Mass;
        }

        return candidate.Mass / (candidate.Mass + all);
    }

    /// <summary>The part of the ink in and just around a candidate's box that is its own.</summary>
    private static double Cleanness(InkSheet sheet, Candidate candidate)
    {
        Plane ink = sheet.Ink;
        int margin = candidate.Box.Longest / 4;
        InkBox around = candidate.Box.Grown(margin);
        long others = 0;
        foreach (InkMark mark in sheet.Marks)
        {
            if (candidate.Parts.Contains(mark) || !candidate.IsBesides(mark) || mark.Box.DistanceTo(around) > 0)
            {
                continue;
            }

            foreach ((int row, int from, int to) in mark.Runs)
            {
                int left = Math.Max(from, around.Left);
                int right = Math.Min(to, around.Right);
                if (row >= around.Top && row < around.Bottom && left < right)
                {
                    foreach (byte level in ink.Levels.AsSpan(row * ink.Width + left, right - left))
                    {
                        others += level;
                    }
                }
            }
        }

        return candidate.Mass / (double)(candidate.Mass + others);
    }

    /// <summary>How even its ink is: a low level by a high one. A pen's is, a shaded face's is not.</summary>
    private static double Evenness(InkSheet sheet, Candidate candidate)
    {
        int[] levels = new int[256];
        foreach ((int row, int from, int to) in candidate.Parts.SelectMany(part => part.Runs))
        {
            foreach (byte level in sheet.Ink.Levels.AsSpan(row * sheet.Ink.Width + from, to - from))
            {
                levels[level]++;
            }
        }

        // Soft edges do not count.
        int high = Histograms.Quantile(levels, 0.95);
        levels.AsSpan(0, high / 4).Clear();
        return (double)Histograms.Quantile(levels, 0.35) / Math.Max(1, high);
    }

    /// <summary>
    /// The part of the surroundings that has a candidate's own shade. Around a digit is paper; around what a digit encloses
    /// is the digit, and beyond it the same paper.
    /// </summary>
    private static double SameAround(InkSheet sheet, Candidate candidate, Plane shades)
    {
        InkBox box = candidate.Box;
        int margin = Math.Max(3, box.Longest / 3);
        int left = Math.Max(0, box.Left - margin);
        int top = Math.Max(0, box.Top - margin);
        int right = Math.Min(shades.Width, box.Right + margin);
        int bottom = Math.Min(shades.Height, box.Bottom + margin);
        double ownShade = 0;
        int area = 0;
        foreach ((int row, int from, int to) in candidate.Parts.SelectMany(part => part.Runs))
        {
            for (int x = from; x < to; x++)
            {
                ownShade += shades.Levels[row * shades.Width + x];
            }

            area += to - from;
        }

        ownShade /= area;
        int[] around = new int[256];
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                if (sheet.Ink.Levels[y * shades.Width + x] <= sheet.Threshold)
                {
                    around[shades.Levels[y * shades.Width + x]]++;
                }
            }
        }

        // Ink's shade is on this side of the middle between it and the paper's.
        int paper = sheet.IsInkLighter ? Histograms.Quantile(around, 0.1) : Histograms.Quantile(around, 0.9);
        double middle = (ownShade + paper) / 2;
        int same = 0;
        int all = 0;
        for (int level = 0; level < 256; level++)
        {
            all += around[level];
            same += level > middle == sheet.IsInkLighter ? around[level] : 0;
        }

        return all == 0 ? 0 : (double)same / all;
    }

    /// <summary>How many other marks are as high, about, as a candidate.</summary>
    private static int Alike(InkSheet sheet, Candidate best) => sheet.Marks.Count(mark => !best.Parts.Contains(mark)
        && !mark.IsSurround && mark.Box.Longest >= 0.5 * best.Box.Longest && mark.Box.Longest <= 2 * best.Box.Longest
        && mark.Mass >= 0.15 * best.Mass);
}
