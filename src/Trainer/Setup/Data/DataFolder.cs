using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The folder under which data sets lie, <c>mnist/</c> and <c>usps/</c>, or that of the user's own digits.</summary>
/// <param name="FullPath">The folder; it need not exist.</param>
/// <param name="Reason">Why this folder, for the user.</param>
internal sealed record DataFolder(string FullPath, string Reason)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "GPUCONVNET_DATA";

    private static readonly string[] s_sets = ["mnist", "usps"];

    /// <summary>Whether the command line names it.</summary>
    public bool IsOption { get; init; }

    /// <summary>
    /// What the names of the wanted idx files begin with, where the command line names them so: <c>raw/emnist-digits</c>, which is
    /// no folder. Null otherwise.
    /// </summary>
    public string? Prefix { get; init; }

    /// <summary>MNIST's four files.</summary>
    public string Mnist => Path.Combine(FullPath, "mnist");

    /// <summary>USPS's two files.</summary>
    public string Usps => Path.Combine(FullPath, "usps");

    /// <summary>
    /// The folder of <c>--data</c>, else of GPUCONVNET_DATA, else in the user's cache, else among temporary files.
    /// </summary>
    /// <param name="option">The option's value; null if it was not given.</param>
    /// <exception cref="BadInputException">A folder that was named does not exist.</exception>
    public static DataFolder Resolve(string? option)
    {
        if (option is not null)
        {
            return PrefixIn(option) ?? Named(option, "--data") with { IsOption = true };
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable)
        {
            return Named(variable, Variable);
        }

        return UserCache.FullPath is { } cache
            ? new DataFolder(cache, $"the user's cache; --data or {Variable} names another")
            : new DataFolder(
                Path.Combine(Path.GetTempPath(), "gpuconvnet"),
                $"there is no home folder to have a cache in; --data or {Variable} names another");
    }

    /// <summary>Finds a file, plain or compressed, under its own name or one that tools give it.</summary>
    /// <param name="folder"><see cref="Mnist"/> or <see cref="Usps"/>.</param>
    /// <param name="name">The plain name.</param>
    /// <returns>The path of the likeliest, or null if there is none.</returns>
    public static string? Find(string folder, string name) => FileNames.Candidates(folder, name).FirstOrDefault();

    /// <summary>
    /// The files that may be meant by a name, the likeliest first: in the set's own folder, as torchvision lays it out
    /// (<c>MNIST/raw</c>), and in the data folder itself, which somebody may have named in place of the one around it.
    /// </summary>
    /// <param name="set"><see cref="Mnist"/> or <see cref="Usps"/>.</param>
    /// <param name="name">The plain name.</param>
    internal IEnumerable<string> Candidates(string set, string name)
    {
        HashSet<string> seen = [];
        return Places(set).SelectMany(place => FileNames.Candidates(place, name)).Where(seen.Add);
    }

    /// <summary>Whether a folder in it is called as a data set: such a folder is meant to be filled.</summary>
    internal bool IsOurs => FolderListing.Folders(FullPath).Any(path =>
        DataSets.Sources.Any(set => string.Equals(set.Name, Path.GetFileName(path), StringComparison.OrdinalIgnoreCase)));

    /// <summary>Whether there is nothing in it but what systems hide.</summary>
    internal bool IsEmpty =>
        FolderListing.Folders(FullPath).Concat(FolderListing.Files(FullPath)).All(path => Path.GetFileName(path)[0] == '.');

    /// <summary>Whether a file lies in the data folder itself, where it may be of any set.</summary>
    internal bool IsLoose(string path) => Path.GetDirectoryName(path) is { } place
        && (place == FullPath || place == Path.Combine(FullPath, "raw") || Path.GetDirectoryName(place) == FullPath)
        && !s_sets.Contains(Path.GetFileName(place), StringComparer.OrdinalIgnoreCase);

    private IEnumerable<string> Places(string set)
    {
        yield return set;
        string name = Path.GetFileName(set);
        foreach (string path in FolderListing.Folders(FullPath)
            .Where(path => string.Equals(Path.GetFileName(path), name, StringComparison.OrdinalIgnoreCase)))
        {
            yield return path;
            yield return Path.Combine(path, "raw");
            yield return Path.Combine(path, name.ToUpperInvariant(), "raw");
        }

        yield return Path.Combine(FullPath, "raw");
        yield return FullPath;
    }

    /// <summary>The folder of files whose names begin with what the last part of a path says; null where there are none.</summary>
    private static DataFolder? PrefixIn(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return !Path.Exists(full) && Path.GetDirectoryName(full) is { } folder && Path.GetFileName(full) is { Length: > 0 } prefix
            && FolderListing.Files(folder).Any(file => Path.GetFileName(file).StartsWith(prefix + "-", StringComparison.OrdinalIgnoreCase))
            ? new DataFolder(folder, "--data") { IsOption = true, Prefix = prefix }
            : null;
    }

    private static DataFolder Named(string path, string by)
    {
        if (File.Exists(path))
        {
            throw new BadInputException(
                $"{by} names {path}, which is a file. "
                + (ForeignContent.Of(PackedFile.Beginning(path)) is { } foreign ? $"It is {foreign.What}. {foreign.Remedy} " : "")
                + "Name the folder in which mnist/ and usps/ lie, or that of your own digits with --dataset idx or images, "
                + $"or leave {by} out.");
        }

        return Directory.Exists(path)
            ? new DataFolder(Path.GetFullPath(path), by)
            : throw new BadInputException(
                $"{by} names the folder {path}, which does not exist. Create it (trainer data fetch then fills it), or leave {by} out.");
    }
}
