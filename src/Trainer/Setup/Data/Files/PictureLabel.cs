using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>Which digit the name of a folder or of a picture says.</summary>
internal static partial class PictureLabel
{
    /// <summary>
    /// The digit of a folder's name, such as <c>7</c>, <c>digit-7</c> or <c>7 - seven</c>; null where it says none, as
    /// <c>writer3</c> does not.
    /// </summary>
    public static byte? OfFolder(string name) =>
        Begin(name) ?? (Word().Match(name) is { Success: true } match ? (byte)(match.Groups["digit"].Value[0] - '0') : null);

    /// <summary>The digit of the folders around a picture: of one that is called as it, otherwise of the nearest that says one.</summary>
    /// <param name="names">The folders' names, the nearest first.</param>
    public static byte? OfFolders(IReadOnlyList<string> names) =>
        (names.FirstOrDefault(name => name.Length == 1 && char.IsAsciiDigit(name[0])) is { } exact ? OfFolder(exact) : null)
        ?? names.Select(OfFolder).FirstOrDefault(digit => digit is not null);

    /// <summary>
    /// The digits of the names of one folder's pictures, all read in the same way: <c>1_7</c> is a 1 where every name begins with a
    /// digit, and a 7 beside <c>10_7</c>, where all end with one.
    /// </summary>
    /// <param name="names">The names, without endings.</param>
    /// <returns>A digit each; null where a name says none.</returns>
    public static byte?[] OfNames(IReadOnlyList<string> names)
    {
        byte?[] begin = [.. names.Select(Begin)];
        byte?[] end = [.. names.Select(End)];
        return begin.Count(digit => digit is null) <= end.Count(digit => digit is null) ? begin : end;
    }

    private static byte? Begin(string name) =>
        name.Length > 0 && char.IsAsciiDigit(name[0]) && (name.Length == 1 || !char.IsLetterOrDigit(name[1]))
            ? (byte)(name[0] - '0')
            : null;

    private static byte? End(string name) =>
        name.Length > 1 && char.IsAsciiDigit(name[^1]) && !char.IsAsciiDigit(name[^2])
            ? (byte)(name[^1] - '0')
            : null;

    [GeneratedRegex(@"^(digit|class|label|number|num|nr|no)[-_.\s]*(?<digit>[0-9])$", RegexOptions.IgnoreCase)]
    private static partial Regex Word();
}
