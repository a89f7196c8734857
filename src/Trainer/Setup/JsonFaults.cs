using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Setup;

/// <summary>
/// What is wrong with a text that is not JSON, where people often go wrong: a decimal comma, NaN, numbers and words as other languages
/// write them. The reader's own words speak of the character at which it stopped.
/// </summary>
internal static partial class JsonFaults
{
    private const int LongestReason = 200;

    /// <summary>The fault, after the place that it is at.</summary>
    /// <param name="json">The document, UTF-8.</param>
    /// <param name="failure">What its reader said.</param>
    public static string Describe(ReadOnlySpan<byte> json, Exception failure) =>
        (failure is JsonException { LineNumber: { } number } ? OfLine(Line(json, number)) : null)
        ?? $"this is not JSON: {Excerpt.Of(failure.Message.Split(" LineNumber:")[0].Split(" Path:")[0], LongestReason)}";

    private static string? OfLine(string line)
    {
        if (DecimalCommas().Match(line) is { Success: true } comma)
        {
            string text = comma.Groups["value"].Value;
            return $"'{Excerpt.Of(comma.Groups["key"].Value)}': expected a number with a decimal point, such as {text.Replace(',', '.')}, found "
                + $"{text}: a comma stands between values";
        }

        if (NoNumbers().Match(line) is { Success: true } none)
        {
            return $"'{Excerpt.Of(none.Groups["key"].Value)}': expected a finite number, found {none.Groups["value"].Value}";
        }

        if (OddNumbers().Match(line) is { Success: true } odd)
        {
            return $"'{Excerpt.Of(odd.Groups["key"].Value)}': expected a number such as 0.03 or 1e-3, found {odd.Groups["value"].Value}: JSON has "
                + "no plus sign, and digits on both sides of the point";
        }

        return OtherWords().Match(line) is { Success: true } word
            ? $"'{Excerpt.Of(word.Groups["key"].Value)}': expected true, false, a number or a text in double quotes, found {Excerpt.Of(word.Groups["value"].Value)}"
            : null;
    }

    private static string Line(ReadOnlySpan<byte> json, long number)
    {
        for (; number > 0 && json.IndexOf((byte)'\n') is >= 0 and var end; number--)
        {
            json = json[(end + 1)..];
        }

        int length = json.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(length < 0 ? json : json[..length]);
    }

    [GeneratedRegex(@"""(?<key>[^""]*)""\s*:\s*(?<value>[-+]?\d+,\d+([eE][-+]?\d+)?)")]
    private static partial Regex DecimalCommas();

    [GeneratedRegex(@"""(?<key>[^""]*)""\s*:\s*(?<value>[-+]?(nan|infinity|inf)\b)", RegexOptions.IgnoreCase)]
    private static partial Regex NoNumbers();

    [GeneratedRegex(@"""(?<key>[^""]*)""\s*:\s*(?<value>[-+]?\.\d+|\+\d[\d.]*|-?\d+\.(?!\d)|-?0\d+)")]
    private static partial Regex OddNumbers();

    [GeneratedRegex(@"""(?<key>[^""]*)""\s*:\s*(?<value>True|False|None|'[^']*'|(?!(true|false|null)\b)[A-Za-z][\w-]*)")]
    private static partial Regex OtherWords();
}
