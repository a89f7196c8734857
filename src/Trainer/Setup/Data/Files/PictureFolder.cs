using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>
/// Finds pictures of digits and what each shows: by the folder that it lies in (<c>7/</c>, <c>digit-7/</c>), otherwise by its name,
/// which begins or ends with the digit (<c>7_001.png</c>, <c>scan-7.png</c>), in all names of the folder in the same way.
/// </summary>
internal static class PictureFolder
{
    private const int MostPictures = 1_000_000;
    private static readonly string[] s_trainNames = ["train", "training"];
    private static readonly string[] s_testNames = ["test", "testing"];

    /// <summary>The folders of the splits: those of these names, otherwise the folder itself and none.</summary>
    /// <param name="folder">The folder.</param>
    public static (string Train, string? Test) Splits(string folder)
    {
        string? train = Inner(s_trainNames);
        return train is null ? (folder, null) : (train, Inner(s_testNames));

        string? Inner(string[] names) => FolderListing.Folders(folder)
            .FirstOrDefault(path => names.Contains(Path.GetFileName(path), StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Whether folders in it are called as digits: it is such a set, whoever put it there.</summary>
    public static bool IsLikely(string folder) =>
        FolderListing.Folders(Splits(folder).Train).Any(path => PictureLabel.OfFolder(Path.GetFileName(path)) is not null);

    /// <summary>Whether there is a picture in it or below it.</summary>
    public static bool HasPictures(string folder) => FolderListing.AllFiles(folder).Any(IsPicture);

    /// <summary>What is passed over in a folder and below it, for the user; null where that is nothing but a system's own files.</summary>
    public static string? PassedOver(string folder)
    {
        string[] others = [.. FolderListing.AllFiles(folder).Where(path => !IsPicture(path) && !IsSystems(Path.GetFileName(path)))];
        string[] kinds =
        [
            .. others.Select(path => Path.GetExtension(path).ToLowerInvariant()).Select(kind => kind.Length == 0 ? "without an ending" : kind)
                .Distinct().Order(StringComparer.Ordinal).Take(5),
        ];
        return others.Length == 0 ? null
            : FormattableString.Invariant($"{others.Length:N0} {(others.Length == 1 ? "file" : "files")} of {folder} passed over ")
                + $"({string.Join(", ", kinds)}): {string.Join(", ", ImageFile.Endings)} are read";
    }

    /// <summary>All pictures below a folder, by their names within it, in an order that is the same on every system.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadInputException">There are none, too many, or one whose digit nothing says.</exception>
    public static IReadOnlyList<Picture> List(string folder)
    {
        string[] files = [.. FolderListing.AllFiles(folder).Where(IsPicture)];
        if (files.Length is 0 or > MostPictures)
        {
            throw new BadInputException(files.Length == 0
                ? $"There are no pictures ({string.Join(", ", ImageFile.Endings)}) in {folder} or below it. "
                    + (PassedOver(folder) is { } others ? $"{others}. " : "") + "Digits lie in a folder per digit, "
                    + "0 to 9, or have names that begin or end with the digit (docs/data.md)."
                : $"{folder} has {files.Length:N0} pictures; {MostPictures:N0} are the most.");
        }

        Picture[] pictures = new Picture[files.Length];
        IEnumerable<int> all = Enumerable.Range(0, files.Length);
        foreach (IGrouping<string, int> inFolder in all.GroupBy(index => Path.GetDirectoryName(files[index])!))
        {
            byte? ofFolder = PictureLabel.OfFolders([.. Below(folder, inFolder.Key)]);
            string[] names = [.. inFolder.Select(index => Path.GetFileNameWithoutExtension(files[index]))];
            byte?[] labels = ofFolder is null ? PictureLabel.OfNames(names) : [.. Enumerable.Repeat(ofFolder, names.Length)];
            foreach ((int position, int index) in inFolder.Index())
            {
                pictures[index] = new Picture(files[index], labels[position] ?? throw new BadInputException(
                    $"{files[index]} does not say which digit is in it. Put pictures into a folder per digit, 0 to 9, or give all of a folder "
                    + "names that begin with the digit (7_001.png), or all names that end with it (scan-7.png)."));
            }
        }

        return pictures;
    }

    /// <summary>The names of the folders from one up to another, whose own name says nothing of its digits.</summary>
    private static IEnumerable<string> Below(string root, string folder) =>
        Path.GetRelativePath(root, folder).Split('/', '\\').Reverse().Where(name => name != ".");

    private static bool IsPicture(string path) =>
        ImageFile.Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
        && !Path.GetFileName(path).StartsWith('.');

    private static bool IsSystems(string name) =>
        name.StartsWith('.') || name is "Thumbs.db" or "desktop.ini" or "__MACOSX";
}
