namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>
/// What has arrived of a download so far: a file beside the one that it becomes, with a name of its own, so that programs
/// that download the same file at the same time do not write into each other's. What an earlier program left is taken over.
/// </summary>
/// <remarks>
/// A file belongs to whoever has it open: the system lets nobody else open it, and forgets that when a program ends,
/// however it ends. Nothing is written before the file has been both opened and given a name that no one else uses, so
/// that of several programs which find the same leftover one goes on with it.
/// </remarks>
internal sealed class PartialFile : IDisposable
{
    private const string Extension = ".part";
    private const int MostAttempts = 100;

    private readonly string _target;
    private readonly string _path;

    private PartialFile(string target, string path, FileStream content)
    {
        _target = target;
        _path = path;
        Content = content;
    }

    /// <summary>What has arrived; to be read and written.</summary>
    public FileStream Content { get; }

    /// <summary>Takes over the longest of what earlier downloads left, deletes the others, or begins a new file.</summary>
    /// <param name="target">The file that it becomes.</param>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static PartialFile Open(string target)
    {
        string path = $"{target}.{Guid.NewGuid():N}{Extension}";
        PartialFile? taken = null;
        foreach (FileInfo leftover in Leftovers(target).OrderByDescending(LengthOf))
        {
            if (taken is null)
            {
                taken = TakeOver(leftover.FullName, target, path);
            }
            else
            {
                Delete(leftover.FullName);
            }
        }

        return taken ?? Create(target);
    }

    /// <summary>
    /// Gives the file the name of what it has become, once it is on the disk. What other programs left of it is deleted.
    /// </summary>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public void Complete()
    {
        Disk.Sync(Content);
        try
        {
            File.Move(_path, _target, overwrite: true);
            Disk.SyncFolder(Path.GetDirectoryName(_target)!);
        }
        catch (IOException) when (File.Exists(_target))
        {
            // Another program has put the same file there, and on Windows somebody reads it: ours is not needed.
            Content.SetLength(0);
        }

        foreach (FileInfo leftover in Leftovers(_target).Where(file => file.FullName != _path))
        {
            Delete(leftover.FullName);
        }
    }

    /// <summary>Lets go of the file: what has arrived stays for the next download, unless that is nothing.</summary>
    public void Dispose()
    {
        if (Content.Length == 0)
        {
            File.Delete(_path);
        }

        Content.Dispose();
    }

    private static FileInfo[] Leftovers(string target) =>
        [.. new DirectoryInfo(Path.GetDirectoryName(target)!)
            .EnumerateFiles(Path.GetFileName(target) + ".*")
            .Where(file => file.Extension == Extension)];

    /// <summary>How much of it there is; less than nothing where another program has taken it since it was listed.</summary>
    private static long LengthOf(FileInfo leftover)
    {
        try
        {
            return leftover.Length;
        }
        catch (FileNotFoundException)
        {
            return -1;
        }
    }

    /// <summary>
    /// A new file. In the moment between its creation and its being held, another program may take it for a leftover: then
    /// it is that one's, and a file of another name is ours.
    /// </summary>
    private static PartialFile Create(string target)
    {
        for (int attempt = 1; ; attempt++)
        {
            string path = $"{target}.{Guid.NewGuid():N}{Extension}";
            FileStream content;
            try
            {
                content = Hold(path, FileMode.CreateNew);
            }
            catch (IOException) when (attempt < MostAttempts && Directory.Exists(Path.GetDirectoryName(target)))
            {
                continue;
            }

            if (File.Exists(path))
            {
                return new PartialFile(target, path, content);
            }

            content.Dispose();
        }
    }

    private static PartialFile? TakeOver(string leftover, string target, string path)
    {
        FileStream? content = null;
        try
        {
            content = Hold(leftover, FileMode.Open);
            File.Move(leftover, path);
            return new PartialFile(target, path, content);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Somebody has it open, or it is gone since: it is another's.
            content?.Dispose();
            return null;
        }
    }

    private static void Delete(string leftover)
    {
        try
        {
            using FileStream held = Hold(leftover, FileMode.Open);
            File.Delete(leftover);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Somebody is still at it.
        }
    }

    // Windows renames an open file only if it was opened for that; elsewhere that would let others open it.
    private static FileStream Hold(string path, FileMode mode) => new(
        path, mode, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None);
}
