using System.Globalization;
using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data.Files;
using GpuConvnet.Trainer.Setup.Data.Pixels;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// A file of USPS digits, <c>zip.train</c> or <c>zip.test</c>: one line per example, the digit and then 256 values in
/// [-1, 1], separated by spaces. Copies whose pixels somebody moved to [0, 1] or [0, 255], or turned round, are converted.
/// </summary>
internal static class UspsFile
{
    /// <summary>zip.train has 7,291 lines ...</summary>
    public const int TrainCount = 7_291;

    /// <summary>... and zip.test 2,007.</summary>
    public const int TestCount = 2_007;

    /// <summary>What a user can do about a damaged one, which may be somebody's own; nothing downloads it.</summary>
    internal const string Remedy =
        "Put a good copy of zip.train and zip.test in the folder, or name another folder with --data.";

    private const int Limit = 64 << 20;
    private const int Side = 16;

    /// <summary>Reads the first examples of a file; the rest of it must be right all the same.</summary>
    /// <param name="path">Plain or compressed.</param>
    /// <param name="count">How many.</param>
    /// <param name="say">Hears what was converted; null for nobody.</param>
    /// <exception cref="BadInputException">The file cannot be read, a line is wrong, or there are too few.</exception>
    public static Examples Read(string path, int count, Action<string>? say = null)
    {
        byte[] content = PackedFile.Read(path, Limit, Remedy);
        List<float> pixels = new(Math.Min(count, TrainCount) * InputUnits);
        List<byte> labels = [];
        List<int> lines = [];
        ReadOnlySpan<byte> rest = content;
        rest = rest.StartsWith(Encoding.UTF8.Preamble) ? rest[Encoding.UTF8.Preamble.Length..] : rest;
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!text.IsEmpty)
            {
                if (lines.Count == 0)
                {
                    RequireNumbers(content, text, path, line);
                }

                ReadLine(text, path, line, pixels, labels);
                lines.Add(line);
            }
        }

        if (labels.Count < count)
        {
            throw new BadInputException(
                $"{path} has {labels.Count:N0} examples; {count:N0} were asked for. The whole zip.train has "
                + $"{TrainCount:N0} and zip.test {TestCount:N0}: put a whole file in its place, or ask for fewer.");
        }

        float[] all = [.. pixels];
        PixelRange range = PixelRange.Of(all, Side, out string? fault) ?? throw (fault is null
            ? OutOfRange(all, lines, path)
            : new BadInputException($"{path}: {fault}. {Remedy}"));
        if (range.Note is { } note)
        {
            say?.Invoke($"note: {path}: {note}");
        }

        float[] chosen = all[..(count * InputUnits)];
        range.Convert(chosen);
        return new Examples(chosen, [.. labels.Take(count)]);
    }

    /// <summary>Names, by its first line, a file of another form.</summary>
    private static void RequireNumbers(ReadOnlySpan<byte> content, ReadOnlySpan<byte> line, string path, int number)
    {
        const int Many = 20;
        int parted = line.Count((byte)' ') + line.Count((byte)'\t') + line.Count((byte)';');
        if (line.Count((byte)',') > Many && parted > Many)
        {
            throw Wrong(path, number, "its numbers have decimal commas, where decimal points are expected. 'tr \",;\" \". \" < FILE > zip.train' "
                + "makes one of the other");
        }

        if (line.Count((byte)',') > Many)
        {
            throw Wrong(path, number, "its numbers are parted by commas (.csv), where spaces are expected, the digit first. "
                + "'tr , \" \" < FILE > zip.train' makes one of the other");
        }

        if (line.Count((byte)':') > Many)
        {
            throw Wrong(path, number, "it has 'index:value', as LIBSVM's copy of USPS, whose labels are the digit plus 1. docs/data.md has "
                + "the line that makes zip.train of it");
        }

        if (ForeignContent.Of(content) is { } foreign)
        {
            throw new BadInputException($"{path} is {foreign.What}. {foreign.Remedy} {Remedy}");
        }
    }

    private static void ReadLine(ReadOnlySpan<byte> text, string path, int line, List<float> pixels, List<byte> labels)
    {
        int values = 0;
        while (!text.IsEmpty)
        {
            int end = text.IndexOfAny((byte)' ', (byte)'\t');
            ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
            text = end < 0 ? [] : text[end..].TrimStart(" \t"u8);
            if (!float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
            {
                throw Wrong(path, line, $"'{Excerpt.Of(Encoding.UTF8.GetString(word[..Math.Min(word.Length, 20)]))}' is not a number");
            }

            if (values == 0)
            {
                labels.Add(value is >= 0 and <= 9 && value == (int)value
                    ? (byte)value
                    : throw Wrong(path, line, $"the digit is {Text(value)}; it must be 0 to 9"));
            }
            else if (!float.IsFinite(value))
            {
                throw WrongPixel(path, line, values, value);
            }
            else if (values <= InputUnits)
            {
                pixels.Add(value);
            }

            values++;
        }

        if (values != 1 + InputUnits)
        {
            throw Wrong(path, line, $"{values} numbers; a digit and its {InputUnits} pixels make {1 + InputUnits}");
        }
    }

    /// <summary>Pixels that are of no range that is known: the first that is out of the likeliest.</summary>
    private static BadInputException OutOfRange(float[] pixels, List<int> lines, string path)
    {
        int wrong = Array.FindIndex(pixels, pixel => pixel is < -1 or > 1);
        return WrongPixel(path, lines[wrong / InputUnits], 1 + wrong % InputUnits, pixels[wrong]);
    }

    private static BadInputException WrongPixel(string path, int line, int number, float value) =>
        Wrong(path, line, $"value {number} is {Text(value)}; pixels are -1 to 1, or in the whole file 0 to 1 or 0 to 255");

    private static BadInputException Wrong(string path, int line, string what) => new($"{path}, line {line}: {what}. {Remedy}");

    private static string Text(float value) => value.ToString(CultureInfo.InvariantCulture);
}
