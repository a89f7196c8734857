using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>
/// One file under the names that tools give it: <c>train-images-idx3-ubyte.gz</c> is <c>train-images.idx3-ubyte</c> to 7-Zip,
/// <c>train-images-idx3-ubyte (1).gz</c> to a browser that has it already, and a folder of that name to who unpacks it into one.
/// </summary>
internal static partial class FileNames
{
    /// <summary>A name without what tools add to it, its words parted by hyphens, in lower case.</summary>
    /// <param name="name">The file's name.</param>
    public static string Plain(string name)
    {
        string plain = Copies().Replace(name.Trim().ToLowerInvariant(), "");
        for (string before = ""; before != plain;)
        {
            before = plain;
            plain = Endings().Replace(plain, "");
        }

        return Separators().Replace(plain, "-").Trim('-');
    }

    /// <summary>
    /// The files that may be meant by a name, the likeliest first: called so, then with .gz, then by any other name that is plainly the
    /// same, in the folder or in one of its own. Others are looked for only when the first ones are passed over.
    /// </summary>
    /// <param name="folder">Where to look; it need not exist.</param>
    /// <param name="name">The plain name.</param>
    public static IEnumerable<string> Candidates(string folder, string name)
    {
        string[] likely = [Path.Combine(folder, name), Path.Combine(folder, name + ".gz")];
        foreach (string path in likely.Where(File.Exists))
        {
            yield return path;
        }

        string plain = Plain(name);
        foreach (string path in Called(FolderListing.Files(folder), plain).Except(likely))
        {
            yield return path;
        }

        foreach (string path in Called(FolderListing.Folders(folder), plain)
            .SelectMany(inner => Called(FolderListing.Files(inner), plain)))
        {
            yield return path;
        }
    }

    private static IEnumerable<string> Called(IEnumerable<string> paths, string plain) =>
        paths.Where(path => Plain(Path.GetFileName(path)) == plain);

    /// <summary>What browsers and Windows add to the name of a copy: " (1)", "(1)", " - Copy", " - Copy (2)".</summary>
    [GeneratedRegex(@"\s*-\s+copy\b|\s*\(\d+\)")]
    private static partial Regex Copies();

    /// <summary>What stands at the end for a compression, for a kind of file that says nothing, or, of wget, for a number.</summary>
    [GeneratedRegex(@"\.(gz|gzip|z|txt|bin|dat|download|\d)$")]
    private static partial Regex Endings();

    [GeneratedRegex(@"[-._\s]+")]
    private static partial Regex Separators();
}
