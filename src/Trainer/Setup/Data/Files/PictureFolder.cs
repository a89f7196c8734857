using GpuConvnet.Recognition.Images;

namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>
/// Finds pictures of digits and what each shows: by the folder that it lies in (<c>7/</c>, <c>digit-7/</c>), otherwise by its name,
/// which begins or ends with the digit (<c>7_001.png</c>, <c>scan-7.png</c>), in all names of the folder in the same way.
/// </summary>
internal static class PictureFolder
{
    private const int MostPictures = 1_000_000;

    /// <summary>
    /// The folders of the splits, in the folder or in the one folder in it; otherwise the folder itself and none.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadInputException">There are several, or folders beside the training split of which nothing says what they are.</exception>
    public static (string Train, string? Test) Splits(string folder)
    {
        if (Inner(folder, SplitNames.IsTrain) is { } train)
        {
            string? test = Inner(folder, SplitNames.IsTest);
            return test is null && FolderListing.Folders(folder).FirstOrDefault(path => path != train && HasPictures(path)) is { } other
                ? throw new BadInputException(
                    $"{other} lies beside {train}, and nothing says what it is for. Call it test if it is to be tested on, or name both in a "
                    + "configuration: \"data\": { \"trainImages\": \"PATH\", \"testImages\": \"PATH\" } (docs/data.md); or move it away.")
                : (train, test);
        }

        if (TrainBelow(folder) is { } deep)
        {
            string around = Path.GetDirectoryName(deep)!;
            throw new BadInputException(
                $"{deep} is called as a training split, and lies too deep in {folder} to be meant for one: what is trained and tested on would be "
                + $"taken together. Name the folder that the splits lie in with --data: {around}; or call it otherwise.");
        }

        string[] below = [.. FolderListing.Folders(folder).Where(path => Inner(path, SplitNames.IsTrain) is not null)];
        if (below.Length == 0)
        {
            return (folder, null);
        }

        string? stray = FolderListing.AllFiles(folder).FirstOrDefault(path => IsPicture(path) && !IsIn(path, below[0]));
        return stray is null
            ? Splits(below[0])
            : throw new BadInputException(
                $"{below[0]} has a training split of its own, and {stray} is no part of it. Name one folder with --data: {below[0]}.");
    }

    /// <summary>What lies beside the splits with pictures in it, and is not used, for the user; null where nothing does.</summary>
    /// <param name="train">The training split's folder.</param>
    /// <param name="test">The test split's.</param>
    public static string? Beside(string train, string? test)
    {
        string[] others = Path.GetDirectoryName(train) is { } around && SplitNames.IsTrain(Path.GetFileName(train))
            ? [.. FolderListing.Folders(around).Where(path => path != train && path != test && HasPictures(path))]
            : [];
        return others.Length == 0 ? null : $"{string.Join(", ", others)} {(others.Length == 1 ? "is" : "are")} not used: validation digits are "
            + "held out of the training split (--validation N, or 'validation' in a configuration)";
    }

    /// <summary>A folder called as a training split, with pictures in it, two levels down or deeper.</summary>
    private static string? TrainBelow(string folder) => FolderListing.AllFiles(folder)
        .Where(IsPicture)
        .Select(path => Path.GetRelativePath(folder, Path.GetDirectoryName(path)!).Split('/', '\\'))
        .Select(names => Array.FindIndex(names, SplitNames.IsTrain) is > 1 and var at ? Path.Combine([folder, .. names[..(at + 1)]]) : null)
        .FirstOrDefault(path => path is not null);

    private static string? Inner(string folder, Func<string, bool> isSplit) =>
        FolderListing.Folders(folder).FirstOrDefault(path => isSplit(Path.GetFileName(path)));

    private static bool IsIn(string path, string folder) => path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>Whether folders in it are called as digits: it is such a set, whoever put it there.</summary>
    public static bool IsLikely(string folder) =>
        FolderListing.Folders(Inner(folder, SplitNames.IsTrain) ?? folder)
            .Any(path => PictureLabel.OfFolder(Path.GetFileName(path)) is not null);

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
        string? links = FolderListing.AllLinks(folder) is { Length: > 0 } found
            ? FormattableString.Invariant($"{found.Length:N0} {(found.Length == 1 ? "folder that is a link" : "folders that are links")} ")
                + $"not followed ({found[0]})"
            : null;
        return others.Length == 0 ? links
            : (links is null ? "" : $"{links}; ") + FormattableString.Invariant($"{others.Length:N0} {(others.Length == 1 ? "file" : "files")} of {folder} passed over ")
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
            if (ofFolder is null)
            {
                RequireNoClass(folder, inFolder.Key);
            }

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

    /// <summary>
    /// Refuses a folder that stands among folders of classes, and is none of a digit: file names do not say what is in it.
    /// </summary>
    private static void RequireNoClass(string root, string folder)
    {
        string top = Path.TrimEndingDirectorySeparator(root);
        for (string inner = folder; inner != top && Path.GetDirectoryName(inner) is { } around; inner = around)
        {
            string[] others = [.. FolderListing.Folders(around).Where(path => path != inner).Select(path => Path.GetFileName(path))];
            if (others.FirstOrDefault(name => PictureLabel.OfFolder(name) is not null) is { } digit)
            {
                throw new BadInputException(
                    $"{inner} lies beside a folder of a digit ({digit}), and its own name says none from 0 to 9, which are the classes there "
                    + "are. Call it as its digit, or move it away.");
            }

            if (IsLetter(Path.GetFileName(inner)) && others.FirstOrDefault(IsLetter) is { } letter)
            {
                throw new BadInputException(
                    $"{inner} is called as a letter, as {letter} beside it is: letters are no digits, and the classes are 0 to 9. Call folders as "
                    + "the digits in them; folders of writers by more than a letter.");
            }
        }
    }

    private static bool IsLetter(string name) => name.Length == 1 && char.IsAsciiLetter(name[0]);

    /// <summary>The names of the folders from one up to another, whose own name says nothing of its digits.</summary>
    private static IEnumerable<string> Below(string root, string folder) =>
        Path.GetRelativePath(root, folder).Split('/', '\\').Reverse().Where(name => name != ".");

    private static bool IsPicture(string path) =>
        ImageFile.Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
        && !Path.GetFileName(path).StartsWith('.');

    private static bool IsSystems(string name) =>
        name.StartsWith('.') || name is "Thumbs.db" or "desktop.ini" or "__MACOSX";
}
