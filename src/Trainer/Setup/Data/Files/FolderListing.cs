namespace GpuConvnet.Trainer.Setup.Data.Files;

/// <summary>What is in a folder, in an order that is the same on every system; nothing where there is no such folder.</summary>
internal static class FolderListing
{
    /// <summary>The full paths of its files.</summary>
    /// <exception cref="BadInputException">The folder may not be looked into.</exception>
    public static string[] Files(string folder) => List(folder, Directory.EnumerateFiles);

    /// <summary>The full paths of the folders in it.</summary>
    /// <exception cref="BadInputException">The folder may not be looked into.</exception>
    public static string[] Folders(string folder) => List(folder, Directory.EnumerateDirectories);

    /// <summary>The full paths of the files in it and in all folders below it.</summary>
    /// <exception cref="BadInputException">One of the folders may not be looked into.</exception>
    public static string[] AllFiles(string folder) =>
        List(folder, path => Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories));

    private static string[] List(string folder, Func<string, IEnumerable<string>> entries)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. entries(folder).OrderBy(path => path.Replace('\\', '/'), StringComparer.Ordinal)]
                : [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{folder} cannot be looked into: {failure.Message}", failure);
        }
    }
}
