using System.Buffers;
using System.Globalization;
using System.Text;

namespace GpuConvnet.Formats;

/// <summary>
/// Text that others wrote, as it is shown: names, messages of servers, what stands in files. What a terminal would obey, and what
/// turns the order of the characters round, becomes an escape such as <c>\u001b</c>, which means the same within JSON.
/// </summary>
public static class DisplayText
{
    /// <summary>No file system has longer names, in bytes of UTF-8: what is longer is cut where it is shown.</summary>
    public const int LongestName = 255;

    private const int ShownOfLongest = 60;

    /// <summary>What no name of ours may have in it: controls, line and paragraph separators, marks of direction.</summary>
    private static readonly SearchValues<char> s_unfit = SearchValues.Create(
    [
        .. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7f, 0x21)).Select(code => (char)code),
        '\u061c', '\u200e', '\u200f', '\u2028', '\u2029', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e',
        '\u2066', '\u2067', '\u2068', '\u2069',
    ]);

    private static readonly SearchValues<char> s_ends = SearchValues.Create(" \t\r\n/\\'\"");

    /// <summary>Whether a name can be shown as it is.</summary>
    public static bool IsFit(ReadOnlySpan<char> name) => !name.ContainsAny(s_unfit);

    /// <summary>Text with its lines and tabs, and nothing else that a terminal obeys.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> rest = text;
        if (!rest.ContainsAny(s_unfit))
        {
            return text;
        }

        StringBuilder shown = new(text.Length + 32);
        for (int next; (next = rest.IndexOfAny(s_unfit)) >= 0; rest = rest[(next + 1)..])
        {
            shown.Append(rest[..next]);
            bool ends = rest[next] == '\r' && next + 1 < rest.Length && rest[next + 1] == '\n';
            if (ends || rest[next] is '\n' or '\t')
            {
                shown.Append(rest[next]);
            }
            else
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)rest[next]:x4}");
            }
        }

        return shown.Append(rest).ToString();
    }

    /// <summary>A message in which names that no file can have are cut.</summary>
    public static string WithShortNames(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Length <= LongestName / 3)
        {
            return message;
        }

        StringBuilder shown = new(message.Length);
        ReadOnlySpan<char> rest = message;
        while (rest.Length > 0)
        {
            int end = rest.IndexOfAny(s_ends);
            ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
            if (Encoding.UTF8.GetByteCount(word) > LongestName)
            {
                int kept = char.IsHighSurrogate(word[ShownOfLongest - 1]) ? ShownOfLongest - 1 : ShownOfLongest;
                shown.Append(word[..kept]).Append(CultureInfo.InvariantCulture, $"... ({word.Length:N0} characters)");
            }
            else
            {
                shown.Append(word);
            }

            if (end >= 0)
            {
                shown.Append(rest[end]);
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return shown.ToString();
    }

    /// <summary>A folder's or file's name made of somebody's text: what no system has in names is left out, and it is short.</summary>
    /// <param name="text">The text.</param>
    /// <param name="otherwise">The name where nothing is left.</param>
    public static string FileName(string text, string otherwise)
    {
        ArgumentNullException.ThrowIfNull(text);
        string name = string.Join('-', text.Split(
            [.. Path.GetInvalidFileNameChars(), .. text.Where(character => s_unfit.Contains(character)), '\\', ' '],
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).TrimStart('.', '-');
        while (Encoding.UTF8.GetByteCount(name) > LongestName / 2)
        {
            name = name[..^(char.IsLowSurrogate(name[^1]) && name.Length > 1 ? 2 : 1)];
        }

        return name.Length == 0 ? otherwise : name;
    }
}
