using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>Reads whole numbers: finds lines of digits, and parts each into the digits that the network is surest of.</summary>
/// <remarks>
/// Segmentation by recognition, as the readers of cheques and zip codes of the 1990s did it: a line is cut more often than
/// needed, the network reads every group of neighbouring pieces that may be a digit, and dynamic programming finds the row of
/// groups that costs the least: unlikely answers, unlikely shapes, cuts through strokes.
/// </remarks>
internal static class NumberReader
{
    /// <summary>A digit has no more pieces.</summary>
    private const int MostPieces = 12;

    /// <summary>More marks than this are a text.</summary>
    private const int MostMarks = 400;

    /// <summary>Smaller than this, in pixels, digits are looked at closer where the picture has more of them.</summary>
    private const int LeastPixels = 40;

    /// <summary>How sure the network is of a line's digits on average (geometric), at the least.</summary>
    private const double LeastConfidence = 0.8;

    /// <summary>The same of a line of more than ten digits: letters are taken for digits one by one, but seldom all of them.</summary>
    private const double LeastOfMany = 0.95;

    /// <summary>How much digits of such a line differ in height, the highest and lowest tenth aside; letters do by more.</summary>
    private const double MostSpreadOfMany = 0.25;

    private const int Many = 10;

    /// <summary>How much the digits of a line differ in height, in parts of the middle one.</summary>
    private const double MostSpread = 0.9;

    /// <summary>What part of the picture's ink the numbers have, at the least: in a text, now and then a line looks like one.</summary>
    private const double LeastShare = 0.3;

    /// <summary>The same of nothing but 1s: edges of a sheet, of a table, of a face look like them.</summary>
    private const double LeastShareOfStrokes = 0.8;

    /// <summary>How wide such strokes are where they are narrow, in parts of where they are wide, at the least.</summary>
    private const double LeastTaper = 0.5;

    /// <summary>Reads all lines of digits.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="reader">The network.</param>
    /// <returns>The lines, from the top; none where there is no number.</returns>
    public static IReadOnlyList<NumberLine> Read(GreyImage image, DigitReader reader) => Search(image, reader).Lines;

    /// <summary>Looks for lines of digits.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="reader">The network.</param>
    public static NumberSearch Search(GreyImage image, DigitReader reader)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(reader);
        Plane shades = InkSheet.Smoothed(image);
        if (PaperSheet.Find(shades) is var (paper, left, top))
        {
            GreyImage part = new(paper.Width, paper.Height, paper.Levels) { Reduction = image.Reduction };
            return Changed(
                Search(part, paper, [false], reader), found => found with { Left = left + found.Left, Top = top + found.Top });
        }

        double evidence = Polarity.Evidence(shades);
        NumberSearch search = Search(
            image, shades, Math.Abs(evidence) > 0.4 ? [evidence > 0] : [evidence > 0, evidence <= 0], reader);
        return image.Detail is { } detail && search.Lines.Count > 0
            && search.Lines.Max(line => line.Digits.Max(digit => digit.Found.Height)) < LeastPixels
            && Search(detail, reader) is { Lines.Count: > 0 } closer
                ? closer
                : search;
    }

    private static NumberSearch Search(GreyImage image, Plane shades, ReadOnlySpan<bool> polarities, DigitReader reader)
    {
        string? instead = null;
        foreach (bool isLighter in polarities)
        {
            InkSheet sheet = InkSheet.Of(shades, isLighter, Math.Max(3, Math.Max(image.Width, image.Height) / 15));
            NumberSearch search = Search(image, sheet, reader);
            if (search.Lines.Count > 0)
            {
                return Changed(search, found => found with { Reduction = image.Reduction });
            }

            instead ??= search.Instead;
        }

        return new NumberSearch([], instead);
    }

    private static NumberSearch Search(GreyImage image, InkSheet sheet, DigitReader reader)
    {
        List<List<InkMark>> lines = LinesOf(sheet);
        HashSet<InkMark> all = [.. lines.SelectMany(line => line)];
        List<(NumberLine Line, LineShape Shape)> numbers = [];
        string? doubt = null;
        double doubted = 0;
        foreach (List<InkMark> marks in lines)
        {
            LineShape shape = LineShape.Of(sheet, marks, all);
            NumberLine? line = shape.Doubt is null ? ReadLine(sheet, marks, reader) : null;
            if (line is null or { Digits.Count: 0 } || DoubtOf(line) is not null)
            {
                // Of the heaviest line is said what it is.
                (doubt, doubted) = shape.Mass > doubted
                    ? (shape.Doubt ?? (line!.Digits.Count == 0 ? "faint" : DoubtOf(line)), shape.Mass)
                    : (doubt, doubted);
                continue;
            }

            numbers.Add((line, shape));
        }

        if (numbers.Count == 0)
        {
            return new NumberSearch(
                [], doubt is null ? "Nothing in it stands in a line as digits do" : $"What stands out the most is {doubt}");
        }

        // What stands alone is as high as the digits of the longest line, or it is none of the numbers.
        (NumberLine longest, LineShape own) = numbers.MaxBy(number => number.Line.Digits.Count);
        numbers.RemoveAll(number => number.Line.Digits.Count == 1
            && (number.Shape.Height < 0.6 * own.Height || number.Shape.Height > 1.6 * own.Height));
        if (longest.Digits.Count == 1 && numbers.Count == 1)
        {
            return OneDigit(image, reader);
        }

        double ink = sheet.Marks.Where(mark => !mark.IsSurround).Sum(mark => (double)mark.Mass);
        double share = numbers.Sum(number => number.Shape.Mass) / ink;
        bool isStrokes = numbers.TrueForAll(number => number.Line.Text.All(digit => digit == '1'));
        return isStrokes && (share < LeastShareOfStrokes || numbers.Min(number => number.Shape.Taper) < LeastTaper)
            ? new NumberSearch([], "What stands out the most is single strokes or edges, beside other things")
            : share >= LeastShare
            ? new NumberSearch([.. numbers.Select(number => number.Line)], null)
            : new NumberSearch([], FormattableString.Invariant(
                $"What may be digits has {100 * share:F0}% of all ink, as a few letters of a text have"));
    }

    /// <summary>Why what was read of a line is not to be believed; null where it is.</summary>
    private static string? DoubtOf(NumberLine line)
    {
        double sure = Math.Exp(line.Digits.Average(digit => Math.Log(Math.Max(1e-3, digit.Confidence))));
        double[] heights = [.. line.Digits.Select(digit => (double)digit.Found.Height).Order()];
        bool isLong = heights.Length > Many;
        int tenth = isLong ? heights.Length / 10 : 0;
        return sure < (isLong ? LeastOfMany : LeastConfidence)
            ? FormattableString.Invariant($"a line of {line.Digits.Count} marks, of which the network is but {100 * sure:F0}% sure on average")
            : heights[^(1 + tenth)] - heights[tenth] > (isLong ? MostSpreadOfMany : MostSpread) * heights[heights.Length / 2]
            ? $"a line of {heights.Length} marks of all heights"
            : null;
    }

    /// <summary>One digit alone is judged as 'predict' judges it without --number.</summary>
    private static NumberSearch OneDigit(GreyImage image, DigitReader reader)
    {
        PictureReading reading = PictureReader.Read(image, reader);
        return reading is { Found: { } found, Pixels: { } pixels, Prediction: { } prediction }
            ? new NumberSearch([new NumberLine([new NumberDigit(found, pixels, prediction, reader.ConfidenceOf(prediction))])], null)
            : new NumberSearch([], reading.Instead);
    }

    private static NumberSearch Changed(NumberSearch search, Func<FoundDigit, FoundDigit> change) => search with
    {
        Lines = [.. search.Lines.Select(line => new NumberLine(
            [.. line.Digits.Select(digit => digit with { Found = change(digit.Found) })]))],
    };

    /// <summary>Marks that stand beside one another, from the top line to the lowest.</summary>
    private static List<List<InkMark>> LinesOf(InkSheet sheet)
    {
        InkMark[] marks =
        [
            .. sheet.Marks.Where(mark => !mark.IsSurround && mark.Box.Longest >= 5 && mark.Box.Height < 0.95 * sheet.Ink.Height),
        ];
        if (marks.Length is 0 or > MostMarks)
        {
            return [];
        }

        // The height of a digit: that which half of the ink belongs to marks of at least.
        double mass = marks.Sum(mark => (double)mark.Mass);
        double below = 0;
        double height = marks.OrderBy(mark => mark.Box.Height).First(mark => (below += mark.Mass) >= mass / 2).Box.Height;
        double strokes = marks.Where(mark => mark.Box.Height >= 0.6 * height).Average(mark => mark.StrokeWidth);
        double typical = marks.Where(mark => mark.Box.Height >= 0.6 * height).Average(mark => (double)mark.Mass);
        List<List<InkMark>> lines = [];
        foreach (InkMark mark in marks.Where(mark => IsHigh(mark) && mark.Box.Height <= 2.2 * height)
            .OrderBy(mark => mark.Box.Left))
        {
            // Into the line whose last mark it stands beside.
            List<InkMark>? own = lines
                .Where(line => Beside(line[^1], mark) > 0.35 && mark.Box.Left - line.Max(other => other.Box.Right) < 3 * height)
                .MaxBy(line => Beside(line[^1], mark));
            if (own is null)
            {
                lines.Add([mark]);
            }
            else
            {
                own.Add(mark);
            }
        }

        // Lone marks beside longer lines are no numbers; and what is small belongs to the line that it lies in.
        int longest = lines.Count == 0 ? 0 : lines.Max(line => line.Count);
        lines.RemoveAll(line => longest > 2 && line.Count == 1 && line[0].Mass < 0.5 * typical);
        foreach (InkMark mark in marks.Where(mark => !IsHigh(mark)
            && mark.Mass >= 0.03 * typical && mark.StrokeWidth >= 0.5 * strokes && mark.Box.Width < 1.2 * height))
        {
            List<InkMark>? near = lines.FirstOrDefault(line => line.Exists(other =>
                other.Box.DistanceTo(mark.Box) < 0.2 * height && IsHigh(other)));
            near?.Add(mark);
        }

        return [.. lines.OrderBy(line => line.Average(mark => mark.Box.Top + mark.Box.Bottom))];

        // Of a broken digit, the heavier part stands for all of it.
        bool IsHigh(InkMark mark) => mark.Box.Height >= 0.45 * height
            || (mark.Box.Height >= 0.25 * height && mark.StrokeWidth >= 0.5 * strokes && marks.Any(other => other != mark
                && other.Mass <= mark.Mass && other.StrokeWidth >= 0.5 * strokes && other.Box.DistanceTo(mark.Box) < 0.2 * height
                && other.Box.Right > mark.Box.Left && other.Box.Left < mark.Box.Right
                && mark.Box.With(other.Box).Height is var both && both >= 0.6 * height && both <= 1.3 * height));

        static double Beside(InkMark a, InkMark b)
        {
            double shared = Math.Min(a.Box.Bottom, b.Box.Bottom) - Math.Max(a.Box.Top, b.Box.Top);
            return shared / Math.Min(a.Box.Height, b.Box.Height);
        }
    }

    private static NumberLine ReadLine(InkSheet sheet, List<InkMark> marks, DigitReader reader)
    {
        double[] heights = [.. marks.Select(mark => (double)mark.Box.Height).Order()];
        double height = heights[heights.Length * 3 / 4];
        List<Piece> pieces =
        [
            .. marks.SelectMany((mark, number) => Cutting.Of(mark, number, height)).OrderBy(piece => piece.Box.Left + piece.Box.Right),
        ];

        // The least cost of reading the pieces up to each one, and the group that it ends with.
        double[] costs = new double[pieces.Count + 1];
        (int From, NumberDigit? Digit)[] last = new (int, NumberDigit?)[pieces.Count + 1];
        for (int end = 1; end <= pieces.Count; end++)
        {
            costs[end] = double.PositiveInfinity;
            for (int start = Math.Max(0, end - MostPieces); start < end; start++)
            {
                if (double.IsPositiveInfinity(costs[start]))
                {
                    continue;
                }

                (double cost, NumberDigit? digit) = Group(sheet, pieces.GetRange(start, end - start), height, reader);
                if (costs[start] + cost < costs[end])
                {
                    (costs[end], last[end]) = (costs[start] + cost, (start, digit));
                }
            }
        }

        List<NumberDigit> digits = [];
        for (int end = pieces.Count; end > 0; end = last[end].From)
        {
            if (last[end].Digit is { } digit)
            {
                digits.Add(digit);
            }
        }

        digits.Reverse();
        return new NumberLine(digits);
    }

    /// <summary>What it costs to take pieces for one digit, or, where it is but a speck, for none.</summary>
    private static (double Cost, NumberDigit? Digit) Group(InkSheet sheet, List<Piece> pieces, double height, DigitReader reader)
    {
        InkBox box = pieces.Aggregate(pieces[0].Box, (all, piece) => all.With(piece.Box));
        if (pieces.Count > 1 && box.Width > 1.5 * height)
        {
            return (double.PositiveInfinity, null);
        }

        // A cut between groups costs; a cut within one is none.
        double cost = pieces[0].CutBefore;
        for (int i = 1; i < pieces.Count; i++)
        {
            int gap = pieces[i].Box.Left - pieces.Take(i).Max(piece => piece.Box.Right);
            cost += pieces[i].Mark == pieces[i - 1].Mark ? 0 : Math.Max(0, gap) / height * 45;
        }

        if (box.Height < 0.45 * height)
        {
            // A dash or a speck: left out, at a price that a digit's piece is not worth.
            return (cost + 1.9, null);
        }

        cost += 4 * Math.Max(0, box.Width / height - 1) + 10 * Math.Max(0, 0.75 - box.Height / height);
        FoundDigit? found = DigitCut.Of(sheet, box, pieces.SelectMany(piece => piece.Runs));
        if (found is null)
        {
            return (cost + 5, null);
        }

        Prediction prediction = reader.Read(found, out float[] pixels);
        double confidence = reader.ConfidenceOf(prediction);
        cost += DigitWidths.Cost(prediction.Digit, (double)box.Width / box.Height);

        // What a cut costs at the least is given back: of two readings without doubt, the one of more digits is right.
        return (cost - 2.5 * Math.Log(Math.Max(confidence, 1e-3)) - 0.75, new NumberDigit(found, pixels, prediction, confidence));
    }
}
