using System.Security.Cryptography;
using GpuConvnet.Model;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// A data set of the user's own, whose files <c>data</c> in a configuration names, or the folder of <c>--data</c>. What a run
/// trained on is written down with its SHA-256, and a run goes on with the same.
/// </summary>
internal abstract class OwnDataSet : DataSet
{
    /// <inheritdoc/>
    public override bool IsOwn => true;

    /// <inheritdoc/>
    public override string DisplayName => Name;

    /// <summary>The folders in which it may lie, the likeliest first: what --data names, the configuration's, the data folder's.</summary>
    private protected IEnumerable<string> Folders(DataRequest request, DataFolder folder)
    {
        if (folder.IsOption)
        {
            yield return folder.FullPath;
            yield return Path.Combine(folder.FullPath, Name);
        }

        if (request.Files?.Folder is { } named)
        {
            yield return named;
        }
        else if (request.Files?.TrainImages is null)
        {
            yield return Path.Combine(folder.FullPath, Name);
            yield return folder.FullPath;
        }
    }

    /// <summary>What is said where nothing is found.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="folder">Where it was looked for.</param>
    /// <param name="what">What is not there.</param>
    /// <param name="other">The other data set that a folder is, if it is one.</param>
    private protected BadInputException NothingFound(
        DataRequest request, DataFolder folder, string what, Func<string, DataSet?> other)
    {
        string[] folders = [.. Folders(request, folder).Distinct()];
        string found = folders.Where(Directory.Exists).Select(Stranger).FirstOrDefault(text => text is not null) ?? "";
        string instead = folder.IsOption && other(folder.FullPath) is { } set
            ? $"For what is in {folder.FullPath} say --dataset {set.Name}. "
            : "";
        return new BadInputException(
            $"There are no {what} in {string.Join(" or ", folders)}. {instead}{found}Name their folder with --data, or in a configuration: "
            + $"\"dataset\": \"{Name}\", \"data\": {{ \"folder\": \"PATH\" }} (docs/data.md).");
    }

    /// <summary>What lies in a folder that is no such data set, but is known; null where nothing is.</summary>
    private static string? Stranger(string folder) => FolderListing.Files(folder)
        .Take(100)
        .Select(path => (Path: path, Content: ForeignContent.Of(PackedFile.Beginning(path))))
        .Where(file => file.Content is { MayHoldDigits: true })
        .Select(file => $"{file.Path} is {file.Content!.What}: {file.Content.Remedy} ")
        .FirstOrDefault();

    /// <summary>Says which digits are not in a training split: a network never answers with them.</summary>
    private protected static void SayWhatIsMissing(IEnumerable<byte> labels, string name, Action<string> say)
    {
        string[] missing = [.. Enumerable.Range(0, Shape1989.Outputs).Except(labels.Select(label => (int)label))
            .Select(digit => digit == 8 ? "an 8" : $"a {digit}")];
        if (missing.Length > 0)
        {
            say($"note: no training digit is {string.Join(" or ", missing)} ({name})");
        }
    }

    /// <summary>Refuses other digits than those that a configuration wrote down.</summary>
    private protected static void RequireSame(string? expected, string found, string where)
    {
        if (expected is not null && expected != found)
        {
            throw new BadInputException(
                $"{where} has changed: its digits have the SHA-256 {found[..16]}..., and the configuration's \"data\" says {expected[..16]}... "
                + "Put the digits back as they were. A new run takes what is there where --dataset is named too, or without 'trainSha256' and "
                + "'testSha256' in its configuration; one that is resumed goes on with its own.");
        }
    }

    /// <summary>The SHA-256 of parts one after the other, in lower-case hexadecimal.</summary>
    private protected static string Sha256(params IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (ReadOnlyMemory<byte> part in parts)
        {
            hash.AppendData(part.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
