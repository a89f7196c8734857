using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies;

/// <summary>
/// The folder of a study of many runs: its definition, a small file per finished run, and the results. What a stopped study
/// finished is there when the same one is started again. Held by one program at a time.
/// </summary>
internal sealed class StudyFolder : IDisposable
{
    /// <summary>The folder in it of the finished runs.</summary>
    public const string RunsFolder = "runs";

    private readonly StudyKind _kind;
    private readonly FolderHold _hold;

    private StudyFolder(string fullPath, StudyKind kind, FolderHold hold)
    {
        FullPath = fullPath;
        _kind = kind;
        _hold = hold;
    }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <summary>What a user should know about how well it is held; null for nothing.</summary>
    public string? Note => _hold.Note;

    /// <summary>Creates the folder, takes an empty one, or opens that of a study of the same definition.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="kind">The kind of study.</param>
    /// <param name="definition">What decides its numbers.</param>
    /// <param name="type">How that is written.</param>
    /// <exception cref="BadInputException">It is a file, holds something else or another study, is held by another program, or
    /// cannot be written.</exception>
    public static StudyFolder Open<TDefinition>(
        string path, StudyKind kind, TDefinition definition, JsonTypeInfo<TDefinition> type) => Open(
        path,
        kind,
        there => there.Length == 0 || there.Contains(kind.DefinitionName)
            ? null
            : $"is not empty (it holds {there[0]}), and is no {kind.Folder}; name a folder that does not exist yet.",
        folder => folder.Claim(path, Bytes(definition, type)));

    /// <summary>Creates a folder, or takes one that may be taken.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="kind">The kind of study.</param>
    /// <param name="problemOf">What is wrong with the names in it, and what to do; null for nothing.</param>
    /// <param name="claim">Makes it this study's once it is held.</param>
    /// <exception cref="BadInputException">It is a file, something is wrong with what it holds, it is held by another program, or
    /// cannot be written.</exception>
    public static StudyFolder Open(
        string path, StudyKind kind, Func<string[], string?> problemOf, Action<StudyFolder>? claim = null)
    {
        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"--out {path} is a file; name a folder{kind.Earlier}.");
            }

            Disk.CreateFolder(fullPath);
            RequireFit(fullPath, path, problemOf);
            StudyFolder folder = new(fullPath, kind, FolderHold.Take(fullPath, path, kind.Holder));
            try
            {
                // With nobody else in it.
                RequireFit(fullPath, path, problemOf);
                claim?.Invoke(folder);
                foreach (string inner in Directory.EnumerateDirectories(fullPath, "*", SearchOption.AllDirectories).Prepend(fullPath))
                {
                    AtomicFile.DiscardLeftovers(inner);
                }
            }
            catch
            {
                folder.Dispose();
                throw;
            }

            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--out {path} cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>The files of finished runs.</summary>
    /// <param name="path">A study's folder.</param>
    /// <param name="folders">The folders in it; those that are not there yet hold none.</param>
    public static IEnumerable<string> Files(string path, params string[] folders) => folders
        .Select(folder => Path.Combine(path, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.json"));

    /// <summary>Finished runs. A file that is damaged is set aside: its run is made again.</summary>
    /// <param name="folder">The folder in it.</param>
    /// <param name="type">What a file of it holds.</param>
    /// <param name="nameOf">The name of a run's file.</param>
    /// <param name="isRun">Whether a run is whole.</param>
    /// <param name="say">Takes a line about each that is damaged.</param>
    /// <param name="isAsked">Whether a file is looked at, by its name; null for all of them.</param>
    public TRun[] Read<TRun>(
        string folder,
        JsonTypeInfo<TRun> type,
        Func<TRun, string> nameOf,
        Func<TRun, bool> isRun,
        Action<string> say,
        Func<string, bool>? isAsked = null)
        where TRun : class =>
    [
        .. from file in Files(FullPath, folder).Order(StringComparer.Ordinal)
           let name = Path.GetFileName(file)
           where isAsked?.Invoke(name) ?? true
           let run = Read(file, type, run => nameOf(run) == name && isRun(run), say)
           where run is not null
           select run,
    ];

    private TRun? Read<TRun>(string file, JsonTypeInfo<TRun> type, Func<TRun, bool> isWhole, Action<string> say)
        where TRun : class
    {
        try
        {
            return JsonFile.Read(file, type, isWhole, $"It is no finished run of this {_kind.Study}.");
        }
        catch (BadInputException damage)
        {
            DamagedFile.SetAside(file, damage.Message, say);
            return null;
        }
    }

    /// <summary>Writes a file, in place of that of an earlier call; safe for use by several threads at once.</summary>
    /// <param name="name">Its name, in a folder of it where there is to be one.</param>
    /// <param name="content">What it is to hold.</param>
    public void Write(string name, byte[] content)
    {
        string file = Path.Combine(FullPath, name);
        Disk.CreateFolder(Path.GetDirectoryName(file)!);
        AtomicFile.Write(file, content);
    }

    /// <inheritdoc cref="Write(string, byte[])"/>
    /// <param name="name">Its name, in a folder of it where there is to be one.</param>
    /// <param name="document">What it is to hold.</param>
    /// <param name="type">How that is written.</param>
    public void Write<T>(string name, T document, JsonTypeInfo<T> type) => Write(name, Bytes(document, type));

    /// <inheritdoc/>
    public void Dispose() => _hold.Dispose();

    private static void RequireFit(string fullPath, string path, Func<string[], string?> problemOf)
    {
        string[] there = [.. Directory.EnumerateFileSystemEntries(fullPath).Select(entry => Path.GetFileName(entry))
            .Where(name => name != FolderHold.FileName && !AtomicFile.IsTemporary(name))];
        if (problemOf(there) is { } problem)
        {
            throw new BadInputException($"--out {path} {problem}");
        }
    }

    private void Claim(string path, byte[] definition)
    {
        string file = Path.Combine(FullPath, _kind.DefinitionName);
        if (!File.Exists(file))
        {
            Write(_kind.DefinitionName, definition);
        }
        else if (new FileInfo(file).Length != definition.Length || !definition.AsSpan().SequenceEqual(File.ReadAllBytes(file)))
        {
            throw new BadInputException($"--out {path} holds {_kind.Otherwise!(file, definition)}");
        }

        Disk.CreateFolder(Path.Combine(FullPath, RunsFolder));
    }

    private static byte[] Bytes<T>(T document, JsonTypeInfo<T> type) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(document, type), (byte)'\n'];
}
