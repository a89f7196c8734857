using System.Reflection;
using GpuConvnet.Tests.Architecture;
using PublicApiGenerator;

namespace GpuConvnet.Tests.Api;

/// <summary>The public names of a package, as they are in its assembly and in the file that was agreed to.</summary>
internal sealed class ApiListing(string package)
{
    /// <summary>Set to 1, it has the file written anew.</summary>
    public const string Acceptance = "GPUCONVNET_ACCEPT_API";

    private static readonly ApiGeneratorOptions s_options = new() { IncludeAssemblyAttributes = false };

    public string File { get; } = Path.Combine(SourceLayoutTests.Root, "tests", "Api", $"{package}.txt");

    public static Assembly Assembly(string package) => OwnAssemblies.All.Single(own => own.GetName().Name == package);

    public string[] Actual() => Lines(Assembly(package).GeneratePublicApi(s_options));

    public string[] Agreed() => System.IO.File.Exists(File) ? Lines(System.IO.File.ReadAllText(File)) : [];

    public void Accept(string[] lines) => System.IO.File.WriteAllText(File, string.Join('\n', lines) + '\n');

    /// <summary>What is in one listing alone: each line with the type that it belongs to, - where it is gone, + where it is new.</summary>
    public static string[] Differences(IEnumerable<string> agreed, IEnumerable<string> actual)
    {
        string[] before = [.. WithTypes(agreed)];
        string[] after = [.. WithTypes(actual)];
        return [.. Without(before, after).Select(line => "- " + line), .. Without(after, before).Select(line => "+ " + line)];
    }

    private static string[] Lines(string text) =>
        [.. text.ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    private static IEnumerable<string> WithTypes(IEnumerable<string> lines)
    {
        string type = "";
        foreach (string line in lines)
        {
            string text = line.Trim();
            int depth = (line.Length - line.TrimStart().Length) / 4;
            if (text is "{" or "}")
            {
                continue;
            }

            type = depth <= 1 ? "" : type;
            yield return type.Length == 0 ? text : $"{type}: {text}";
            if (depth == 1 && !text.StartsWith('['))
            {
                type = text;
            }
        }
    }

    private static IEnumerable<string> Without(string[] lines, string[] others)
    {
        Dictionary<string, int> left = others.CountBy(line => line).ToDictionary();
        foreach (string line in lines)
        {
            int count = left.GetValueOrDefault(line);
            left[line] = count - 1;
            if (count <= 0)
            {
                yield return line;
            }
        }
    }
}
