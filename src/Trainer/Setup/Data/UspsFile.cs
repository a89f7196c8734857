using System.Globalization;
using System.Text;
using GpuConvnet.Model;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// A file of USPS digits, <c>zip.train</c> or <c>zip.test</c>: one line per example, the digit and then 256 values in
/// [-1, 1], separated by spaces.
/// </summary>
public static class UspsFile
{
    /// <summary>zip.train has 7,291 lines ...</summary>
    public const int TrainCount = 7_291;

    /// <summary>... and zip.test 2,007.</summary>
    public const int TestCount = 2_007;

    /// <summary>What a user can do about a damaged one; nothing downloads it.</summary>
    internal const string Remedy = "Put a good copy of zip.train and zip.test in the folder.";

    private const int Limit = 64 << 20;

    /// <summary>Reads the first examples of a file; the rest of it must be right all the same.</summary>
    /// <param name="path">Plain or .gz.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="BadInputException">The file cannot be read, a line is wrong, or there are too few.</exception>
    public static Examples Read(string path, int count)
    {
        byte[] content = PackedFile.Read(path, Limit, Remedy);
        List<float> pixels = new(Math.Min(count, TrainCount) * InputUnits);
        List<byte> labels = [];
        ReadOnlySpan<byte> rest = content;
        for (int line = 1; !rest.IsEmpty; line++)
        {
            int end = rest.IndexOf((byte)'\n');
            ReadOnlySpan<byte> text = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? [] : rest[(end + 1)..];
            if (!text.IsEmpty)
            {
                ReadLine(text, path, line, pixels, labels);
            }
        }

        return labels.Count >= count
            ? new Examples([.. pixels.Take(count * InputUnits)], [.. labels.Take(count)])
            : throw new BadInputException(
                $"{path} has {labels.Count:N0} examples; {count:N0} were asked for. The whole zip.train has "
                + $"{TrainCount:N0} and zip.test {TestCount:N0}: put a whole file in its place, or ask for fewer.");
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
                throw Wrong($"'{Excerpt.Of(Encoding.UTF8.GetString(word[..Math.Min(word.Length, 20)]))}' is not a number");
            }

            if (values == 0)
            {
                labels.Add(value is >= 0 and <= 9 && value == (int)value
                    ? (byte)value
                    : throw Wrong($"the digit is {value.ToString(CultureInfo.InvariantCulture)}; it must be 0 to 9"));
            }
            else if (value is not (>= -1 and <= 1))
            {
                throw Wrong($"value {values} is {value.ToString(CultureInfo.InvariantCulture)}; pixels are -1 to 1");
            }
            else if (values <= InputUnits)
            {
                pixels.Add(value);
            }

            values++;
        }

        if (values != 1 + InputUnits)
        {
            throw Wrong($"{values} numbers; a digit and its {InputUnits} pixels make {1 + InputUnits}");
        }

        BadInputException Wrong(string what) =>
            new($"{path}, line {line}: {what}. {Remedy}");
    }
}
