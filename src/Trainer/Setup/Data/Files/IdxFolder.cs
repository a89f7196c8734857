using System.Text.RegularExpressions;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>
/// Finds idx files by their names: MNIST's, with whatever tools and other sets make of them, as in
/// <c>emnist-digits-test-images-idx3-ubyte.gz</c>, <c>qmnist-train-labels-idx2-int</c>, <c>images.idx</c>.
/// </summary>
internal static partial class IdxFolder
{
    private const int MostDepth = 2;

    /// <summary>The sets in a folder; those in folders below it where it has none itself.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix">What the names of the wanted set begin with; null for any.</param>
    /// <param name="passedOver">What folders below it are called that are not looked into, in any case.</param>
    public static IReadOnlyList<IdxGroup> Find(string folder, string? prefix, params IReadOnlyCollection<string> passedOver)
    {
        string? plainPrefix = prefix is null ? null : FileNames.Plain(prefix);
        string[] level = [folder];
        for (int depth = 0; depth <= MostDepth && level.Length > 0; depth++)
        {
            Dictionary<(string, string), IdxGroup> groups = [];
            foreach (string path in level.SelectMany(Files))
            {
                string around = Path.GetDirectoryName(path)!;
                string split = depth > 0 ? Path.GetFileName(around) : "";
                bool isInSplit = SplitNames.IsTrain(split) || SplitNames.IsTest(split);
                if (RoleOf(path, split) is (var role, var name)
                    && (plainPrefix is null || plainPrefix == name))
                {
                    // A folder for each file, as archivers unpack them, or for each split, is no place of its own.
                    string place = around;
                    bool isNoPlace = isInSplit || FileNames.Plain(Path.GetFileName(place)) == FileNames.Plain(Path.GetFileName(path));
                    (string, string) key = (isNoPlace ? Path.GetDirectoryName(place)! : place, name);
                    groups.TryAdd(key, new IdxGroup(key.Item1, prefix ?? name));
                    role(groups[key]).Add(path);
                }
            }

            if (groups.Count > 0)
            {
                return [.. groups.Values.OrderBy(group => group.Name, StringComparer.Ordinal)];
            }

            level = [.. level.SelectMany(FolderListing.Folders)
                .Where(path => !passedOver.Contains(Path.GetFileName(path), StringComparer.OrdinalIgnoreCase))];
        }

        return [];
    }

    /// <summary>
    /// Which of a set's files a file is. Names that say no more than a variable's, <c>x_train</c>, are those of an idx file only where
    /// the content is.
    /// </summary>
    private static (Func<IdxGroup, List<string>> Role, string Prefix)? RoleOf(string path, string folder)
    {
        string plain = FileNames.Plain(Path.GetFileName(path));
        return Role(plain, folder)
            ?? (Variables().Match(plain) is { Success: true } match && IdxFile.Described(PackedFile.Beginning(path)) is not null
                ? Role(
                    match.Result("${prefix}-${split}-") + (match.Groups["what"].Value == "x" ? "images" : "labels"), folder)
                : null);
    }

    /// <summary>Which of a set's files a name is, and which set's; null for a name of something else.</summary>
    /// <param name="plain">The name.</param>
    /// <param name="folder">What the folder of its split is called, which goes for names that say no split; empty if there is none.</param>
    private static (Func<IdxGroup, List<string>> Role, string Prefix)? Role(string plain, string folder)
    {
        Match match = Words().Match(plain);
        if (!match.Success)
        {
            return null;
        }

        string split = match.Groups["split"].Value;
        bool isTest = SplitNames.IsTest(split.Length > 0 ? split : folder);
        bool isLabels = match.Groups["what"].Value.StartsWith('l');
        string prefix = match.Groups["prefix"].Value;

        // x_train_images and y_train_labels are of one set.
        string variable = isLabels ? "y" : "x";
        if (prefix == variable || prefix.EndsWith("-" + variable, StringComparison.Ordinal))
        {
            prefix = prefix[..^1].TrimEnd('-');
        }

        return (
            (isTest, isLabels) switch
            {
                (false, false) => group => group.TrainImages,
                (false, true) => group => group.TrainLabels,
                (true, false) => group => group.TestImages,
                (true, true) => group => group.TestLabels,
            },
            prefix);
    }

    /// <summary>A folder's files, of two of one name the plain one and the shorter name first.</summary>
    private static IEnumerable<string> Files(string folder) => FolderListing.Files(folder)
        .OrderBy(path => path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
        .ThenBy(path => path.Length);

    [GeneratedRegex(@"^(?<prefix>.*?)-?(?<split>training|train|testing|test|t10k)?-?(?<what>images?|imgs?|labels?)(-idx\d?)?(-(ubyte|int|byte))?$")]
    private static partial Regex Words();

    [GeneratedRegex(@"^(?<prefix>.*?)-?((?<what>[xy])-(?<split>training|train|testing|test|t10k)|(?<split>training|train|testing|test|t10k)-(?<what>[xy]))(-idx\d?)?(-(ubyte|int|byte))?$")]
    private static partial Regex Variables();
}
