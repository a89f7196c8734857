using System.IO.Enumeration;

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

    /// <summary>The full paths of the files in it and in all folders below it; folders that are links are not followed.</summary>
    /// <exception cref="BadInputException">One of the folders may not be looked into.</exception>
    public static string[] AllFiles(string folder) =>
        List(folder, path => All(path, (ref FileSystemEntry entry) => !entry.IsDirectory));

    /// <summary>The full paths of the folders below it that are links, which may lead back to where they lie.</summary>
    /// <exception cref="BadInputException">One of the folders may not be looked into.</exception>
    public static string[] AllLinks(string folder) =>
        List(folder, path => All(path, (ref FileSystemEntry entry) => entry.IsDirectory && IsLink(ref entry)));

    private static FileSystemEnumerable<string> All(string folder, FileSystemEnumerable<string>.FindPredicate isWanted) =>
        new(
            folder,
            (ref FileSystemEntry entry) => entry.ToSpecifiedFullPath(),
            new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = 0 })
        {
            ShouldIncludePredicate = isWanted,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !IsLink(ref entry),
        };

    private static bool IsLink(ref FileSystemEntry entry) => entry.Attributes.HasFlag(FileAttributes.ReparsePoint);

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
