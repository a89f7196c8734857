using System.Globalization;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>
/// A run's folder, taken before training and held while it goes on: an hour's work is not lost to a folder that cannot be written, no
/// other program writes into it, and nothing in it is ever overwritten.
/// </summary>
/// <remarks>
/// A mark stays in the folder from its being taken until the run's order is in it. What a program leaves that is killed in between is known
/// by the mark to be nobody's work, and the folder can be taken again.
/// </remarks>
internal sealed class RunClaim : IDisposable
{
    private const string MarkName = ".claimed";
    private const string Advice = "--out names another folder; --no-save does without.";

    private readonly FolderHold _hold;

    private RunClaim(RunFolder folder, FolderHold hold)
    {
        Folder = folder;
        _hold = hold;
    }

    /// <summary>The folder.</summary>
    public RunFolder Folder { get; }

    /// <summary>What a user should know about how well it is held; null for nothing.</summary>
    public string? Note => _hold.Note;

    /// <summary>Creates a run's folder, or takes an empty one.</summary>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <exception cref="BadInputException">It is a file, is not empty, is in use or cannot be written.</exception>
    public static RunClaim New(string path) => Take(path, "--out", ", and a run is never overwritten", Advice);

    /// <summary>Creates the folder of something that is no run.</summary>
    /// <inheritdoc cref="New(string)"/>
    /// <param name="path">The folder; those above it are created too.</param>
    /// <param name="user">Who else may be using it.</param>
    public static RunClaim ForOther(string path, string user)
    {
        RunClaim claim = Take(path, "--out", "", "Name another folder.", user);
        claim.Confirm();
        return claim;
    }

    /// <summary>Creates a folder named after an experiment and the time, where <c>--out</c> names none.</summary>
    /// <param name="experiment">The experiment's name.</param>
    /// <exception cref="BadInputException">Nothing can be written there.</exception>
    public static RunClaim Named(string experiment)
    {
        string name = DisplayText.FileName(experiment, "run");
        string path = Path.Combine(
            RunFolder.DefaultParent, string.Create(CultureInfo.InvariantCulture, $"{name}-{DateTime.UtcNow:yyyyMMdd-HHmmss}Z"));
        string free = path;
        for (int number = 2; Path.Exists(free); number++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{path}-{number}");
        }

        return Take(free, "The run's folder", "", Advice);
    }

    /// <summary>
    /// Takes a run's folder to go on with the run, and clears what programs left in it that were killed while they wrote.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadInputException">It is in use, or cannot be written.</exception>
    public static RunClaim Again(RunFolder folder)
    {
        FolderHold hold;
        try
        {
            hold = FolderHold.Take(folder.FullPath, folder.FullPath, "another run");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(
                $"--resume {folder.FullPath} cannot be written: {failure.Message} A run goes on in its own folder.", failure);
        }

        RunClaim claim = new(folder, hold);
        claim.Confirm();
        folder.DiscardLeftovers();
        return claim;
    }

    /// <summary>Says that the folder holds a run's order from now on.</summary>
    public void Confirm() => File.Delete(Path.Combine(Folder.FullPath, MarkName));

    /// <summary>Lets go of the folder; one in which nothing was written is removed.</summary>
    public void Dispose()
    {
        string mark = Path.Combine(Folder.FullPath, MarkName);
        if (File.Exists(mark) && !Folder.HasOrder)
        {
            foreach (string name in RunFolder.BeginningNames)
            {
                File.Delete(Path.Combine(Folder.FullPath, name));
            }

            File.Delete(mark);
        }

        _hold.Dispose();
        if (Directory.Exists(Folder.FullPath) && !Directory.EnumerateFileSystemEntries(Folder.FullPath).Any())
        {
            Directory.Delete(Folder.FullPath);
        }
    }

    private static RunClaim Take(string path, string by, string why, string advice, string user = "another run")
    {
        if (path.Length == 0)
        {
            throw new BadInputException($"{by} is empty; name a folder that does not exist yet.");
        }

        try
        {
            string fullPath = Path.GetFullPath(path);
            if (File.Exists(fullPath))
            {
                throw new BadInputException($"{by} {path} is a file; name a folder that does not exist yet.");
            }

            // First a look, so that nothing is written into somebody's folder; then, with nobody else in it, one that counts.
            Disk.CreateFolder(fullPath);
            RequireEmpty(fullPath, path, by, why);
            RunClaim claim = new(RunFolder.Open(fullPath), FolderHold.Take(fullPath, path, user));
            try
            {
                RequireEmpty(fullPath, path, by, why);

                // Rights are not enough to know: the disk may be full or mounted read-only.
                File.WriteAllText(Path.Combine(fullPath, MarkName), "");
                foreach (string name in Entries(fullPath).Where(name => name != MarkName))
                {
                    File.Delete(Path.Combine(fullPath, name));
                }

                return claim;
            }
            catch
            {
                claim._hold.Dispose();
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException(
                $"{by} {path} cannot be written: {failure.Message} {advice}", failure);
        }
    }

    private static void RequireEmpty(string fullPath, string path, string by, string why)
    {
        string[] there = [.. Entries(fullPath)];
        if (there.Length == 0 || (there.Contains(MarkName) && there.All(IsOfBeginning)))
        {
            return;
        }

        string what = RunFolder.IsRun(fullPath)
            ? "already holds a run"
            : $"is not empty (it holds {Excerpt.Of(there[0])})";
        throw new BadInputException($"{by} {path} {what}{why}; name a folder that does not exist yet.");
    }

    private static IEnumerable<string> Entries(string fullPath) => Directory.EnumerateFileSystemEntries(fullPath)
        .Select(entry => Path.GetFileName(entry)!)
        .Where(name => name != FolderHold.FileName);

    private static bool IsOfBeginning(string name) =>
        name == MarkName || RunFolder.BeginningNames.Contains(name) || AtomicFile.IsTemporary(name);
}
