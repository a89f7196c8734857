using System.Globalization;
using GpuConvnet.Trainer.Runs.Results;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Commands;

/// <summary>How predictions read.</summary>
/// <param name="hasBlocks">Whether bars and pixels may be drawn with Unicode's block elements.</param>
internal sealed class PredictionLines(bool hasBlocks)
{
    private const int BarWidth = 30;

    /// <summary>Paper to ink, for terminals with block elements and for others.</summary>
    private const string Blocks = " ░▒▓█";
    private const string Letters = " .:*#";

    private const string Eighths = "▏▎▍▌▋▊▉█";

    /// <summary>An image in one line.</summary>
    public static string Short(ImagePrediction image)
    {
        string others = Notes(image);
        if (image.Refused is { } refused)
        {
            string label = image.Label is { } own ? string.Create(CultureInfo.InvariantCulture, $"  it is {own}") : "";
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{image.Image}: refused, margin {image.Margin:F3}: {refused} ({Certainty(image, refused)}) or {image.RunnerUp} "
                + $"({Certainty(image, image.RunnerUp!.Value)})?  {image.FindMilliseconds:F1} ms{label}{others}");
        }

        string wrong = image.Label is { } right && right != image.Digit ? $"  wrong: it is {right}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{image.Image}: {image.Digit} ({Certainty(image, image.Digit!.Value)}), else {image.RunnerUp} "
            + $"({Certainty(image, image.RunnerUp!.Value)})  {image.FindMilliseconds:F1} ms{wrong}{others}");
    }

    /// <summary>The ten outputs, a line each.</summary>
    public IEnumerable<string> Outputs(ImagePrediction image)
    {
        for (int digit = 0; digit < Model.Shape1989.Outputs; digit++)
        {
            float output = image.Outputs![digit];
            double part = image.Probabilities?[digit] ?? Math.Clamp((output + 1.0) / 2, 0, 1);
            string mark = digit == image.Digit ? "  <- answer"
                : digit == image.Refused ? "  <- refused"
                : digit == image.RunnerUp ? "  <- runner-up"
                : "";
            string probability = image.Probabilities is { } all ? Percent(all[digit]).PadLeft(8) : "";
            yield return string.Create(
                CultureInfo.InvariantCulture, $"  {digit}  {output,8:F3}{probability}  {Bar(part)}{mark}");
        }
    }

    /// <summary>What the network saw: sixteen lines, two characters a pixel.</summary>
    public IEnumerable<string> Pixels(IReadOnlyList<float> pixels)
    {
        string shades = hasBlocks ? Blocks : Letters;
        for (int y = 0; y < InputSize; y++)
        {
            yield return "  |" + string.Concat(Enumerable.Range(0, InputSize).Select(x =>
            {
                double ink = (pixels[y * InputSize + x] + 1) / 2;
                return new string(shades[Math.Clamp((int)(ink * shades.Length), 0, shades.Length - 1)], 2);
            })) + "|";
        }
    }

    /// <summary>What the finder saw beside plain paper, how sure it is where it is not quite, and who says otherwise.</summary>
    private static string Notes(ImagePrediction image)
    {
        List<string> notes = [.. image.Seen ?? []];
        if (image.OtherMarks > 0)
        {
            notes[^1] += ": the likeliest was read";
        }

        if (image.Sureness < 0.9)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{100 * image.Sureness:F0}% sure of the shape"));
        }

        if (image is { Answers: { } answers, Dissent: > 0 and var dissent })
        {
            int answer = image.Digit ?? image.Refused!.Value;
            IEnumerable<int> others = answers.Where(other => other != answer).Distinct().Order();
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"{dissent} of {answers.Count} networks say otherwise: {string.Join(" or ", others)}"));
        }

        return notes.Count == 0 ? "" : $"  ({string.Join("; ", notes)})";
    }

    /// <summary>How sure the network is: a probability, or where it has none, the output.</summary>
    private static string Certainty(ImagePrediction image, int digit) => image.Probabilities is { } probabilities
        ? Percent(probabilities[digit])
        : image.Outputs![digit].ToString("F3", CultureInfo.InvariantCulture);

    private static string Percent(double probability) =>
        string.Create(CultureInfo.InvariantCulture, $"{100 * probability:F1}%");

    private string Bar(double part)
    {
        if (!hasBlocks)
        {
            return new string('#', (int)Math.Round(part * BarWidth)).PadRight(BarWidth);
        }

        int eighths = (int)Math.Round(part * BarWidth * 8);
        string whole = new('█', eighths / 8);
        return (eighths % 8 == 0 ? whole : whole + Eighths[eighths % 8 - 1]).PadRight(BarWidth);
    }
}
