using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuConvnet.Tests.Architecture;

/// <summary>Where a type is to be found: its namespace is its folder, and its file is named like it.</summary>
public sealed partial class SourceLayoutTests
{
    /// <summary>The folder that the repository lies in.</summary>
    internal static string Root { get; } = RootAbove(AppContext.BaseDirectory);

    /// <summary>The files of src, by their paths in the repository.</summary>
    internal static IReadOnlyList<string> Sources { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Where(path => !path.Split('/').Intersect(["bin", "obj"]).Any() && Path.GetFileName(path) != "Program.cs")
            .Order(StringComparer.Ordinal),
    ];

    [Fact]
    public void A_namespace_is_its_folder()
    {
        Assert.NotEmpty(Sources);
        Assert.All(Sources, path => Assert.Equal(
            "GpuConvnet." + Path.GetDirectoryName(path)!.Replace('\\', '/')["src/".Length..].Replace('/', '.'),
            Namespace().Match(Read(path)).Groups["name"].Value));
    }

    [Fact]
    public void A_file_holds_one_type_that_is_named_like_it()
    {
        Assert.NotEmpty(Sources);
        Assert.All(Sources, path => Assert.Equal(
            [Path.GetFileNameWithoutExtension(path)],
            TopLevelType().Matches(Read(path)).Select(match => match.Groups["name"].Value)));
    }

    /// <summary>What <c>.editorconfig</c> promises; a string literal, or a line of HTML, is not torn for it.</summary>
    [Fact]
    public void A_line_without_a_string_keeps_to_the_promised_length()
    {
        int most = int.Parse(LineLength().Match(Read(".editorconfig")).Groups["columns"].Value, CultureInfo.InvariantCulture);
        Assert.All(Sources, path => Assert.All(
            File.ReadLines(Path.Combine(Root, path)),
            line => Assert.True(line.Length <= most || line.Contains('"') || line.TrimStart().StartsWith('<'), $"{path}: {line}")));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    // A deterministic build does not tell where its sources were.
    private static string RootAbove(string folder) => File.Exists(Path.Combine(folder, "GpuConvnet.sln"))
        ? folder
        : RootAbove(Path.GetDirectoryName(folder)
            ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no folder with GpuConvnet.sln."));

    [GeneratedRegex(@"^max_line_length = (?<columns>\d+)$", RegexOptions.Multiline)]
    private static partial Regex LineLength();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|static|sealed|abstract|readonly|unsafe|partial|ref) )*(?:class|struct|interface|enum|delegate \S+|record(?: class| struct)?) (?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
