using GpuConvnet.Recognition.Finding;
using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>Reads whole numbers: finds lines of digits, and parts each into the digits that the network is surest of.</summary>
/// <remarks>
/// Segmentation by recognition, as the readers of cheques and zip codes of the 1990s did it: a line is cut more often than
/// needed, the network reads every group of neighbouring pieces that may be a digit, and dynamic programming finds the row of
/// groups that costs the least: unlikely answers, unlikely shapes, cuts through strokes.
/// </remarks>
public static class NumberReader
{
    /// <summary>A digit has no more pieces.</summary>
    private const int MostPieces = 5;

    /// <summary>More marks than this are a text.</summary>
    private const int MostMarks = 400;

    /// <summary>Reads all lines of digits.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="reader">The network.</param>
    /// <returns>The lines, from the top; none where there is no digit.</returns>
    public static IReadOnlyList<NumberLine> Read(GreyImage image, DigitReader reader)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(reader);
        Plane shades = InkSheet.Smoothed(image);
        double evidence = Polarity.Evidence(shades);
        double reduction = image.Reduction;
        List<NumberLine> best = [];
        double bestSure = 0;
        foreach (bool isLighter in (ReadOnlySpan<bool>)[evidence > 0, evidence <= 0])
        {
            InkSheet sheet = InkSheet.Of(shades, isLighter, Math.Max(3, Math.Max(image.Width, image.Height) / 15));
            List<NumberLine> lines = [.. LinesOf(sheet).Select(line => ReadLine(sheet, line, reader)).Where(line => line.Digits.Count > 0)];
            double sure = lines.Count == 0 ? 0 : lines.SelectMany(line => line.Digits).Average(digit => digit.Confidence);
            if (sure > bestSure)
            {
                (best, bestSure) = (lines, sure);
            }

            if (Math.Abs(evidence) > 0.4 && lines.Count > 0)
            {
                break;
            }
        }

        return
        [
            .. best.Select(line => new NumberLine(
                [.. line.Digits.Select(digit => digit with { Found = digit.Found with { Reduction = reduction } })])),
        ];
    }

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
        foreach (InkMark mark in marks.Where(mark => mark.Box.Height is var own && own >= 0.45 * height && own <= 2.2 * height)
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
        foreach (InkMark mark in marks.Where(mark => mark.Box.Height < 0.45 * height
            && mark.Mass >= 0.03 * typical && mark.StrokeWidth >= 0.5 * strokes && mark.Box.Width < 1.2 * height))
        {
            List<InkMark>? near = lines.FirstOrDefault(line => line.Exists(other =>
                other.Box.DistanceTo(mark.Box) < 0.2 * height && other.Box.Height >= 0.45 * height));
            near?.Add(mark);
        }

        return [.. lines.OrderBy(line => line.Average(mark => mark.Box.Top + mark.Box.Bottom))];

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
            cost += pieces[i].Mark == pieces[i - 1].Mark ? 0 : Math.Max(0, gap) / height * 12;
        }

        if (box.Height < 0.45 * height)
        {
            // A dash or a speck: left out, at a price that a digit's piece is not worth.
            return (cost + 2.5, null);
        }

        double shape = (double)box.Width / height;
        cost += 4 * Math.Max(0, shape - 0.95) + 3 * Math.Max(0, 0.7 - box.Height / height);
        FoundDigit? found = DigitCut.Of(sheet, box, pieces.SelectMany(piece => piece.Runs));
        if (found is null)
        {
            return (cost + 5, null);
        }

        Prediction prediction = reader.Read(found, out float[] pixels);
        double confidence = reader.ConfidenceOf(prediction);
        return (cost - Math.Log(Math.Max(confidence, 1e-3)) * 1.5, new NumberDigit(found, pixels, prediction, confidence));
    }
}
