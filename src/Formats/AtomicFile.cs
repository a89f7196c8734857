using System.Globalization;

namespace GpuConvnet.Formats;

/// <summary>Files that are there whole or not at all, whatever stops the program or the machine half-way.</summary>
public static class AtomicFile
{
    private const string Ending = ".part";

    /// <summary>
    /// Writes to a temporary file beside the target, and renames it when all has reached the disk. A file that was there
    /// before is replaced in that one moment; once this returns, the new one outlives a power failure.
    /// </summary>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="BadInputException">It is a folder, or the one it lies in is missing or may not be written to.</exception>
    /// <exception cref="RunFailedException">The disk is full or failing; what was there before is untouched.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        string fullPath = Path.GetFullPath(path);
        if (Directory.Exists(fullPath))
        {
            throw new BadInputException($"{path} is a folder; name the file to write.");
        }

        string temporary = string.Create(
            CultureInfo.InvariantCulture, $"{fullPath}.{Environment.MachineName}.{Environment.ProcessId}{Ending}");
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                Disk.Sync(stream);
            }

            File.Move(temporary, fullPath, overwrite: true);
            Disk.SyncFolder(Path.GetDirectoryName(fullPath)!);
        }
        catch (Exception failure) when (failure is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            Discard(temporary);
            throw new BadInputException(
                $"{path} cannot be written: {Reason(failure)} Name a file in a folder that exists and is yours.", failure);
        }
        catch (IOException failure)
        {
            Discard(temporary);
            throw new RunFailedException($"{path} could not be written: {Reason(failure)}", failure);
        }
        catch
        {
            Discard(temporary);
            throw;
        }

        // The temporary file is no business of the user's.
        string Reason(Exception failure) => failure.Message.Replace(temporary, fullPath, StringComparison.Ordinal);
    }

    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    /// <param name="path">The file to write; its folder must exist.</param>
    /// <param name="content">The content.</param>
    public static void Write(string path, byte[] content) => Write(path, stream => stream.Write(content));

    /// <summary>Whether a name is that of a file on its way to become another.</summary>
    /// <param name="name">The name.</param>
    public static bool IsTemporary(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.EndsWith(Ending, StringComparison.Ordinal) && name.Split('.') is [_, .., { } process, _]
            && int.TryParse(process, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>
    /// Deletes the temporary files that programs left in a folder which were killed on this machine. Those of programs that run,
    /// and of other machines, stay.
    /// </summary>
    /// <param name="folder">The folder; those in it are not looked at.</param>
    public static void DiscardLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (string path in Directory.EnumerateFiles(folder, "*" + Ending))
        {
            string name = Path.GetFileName(path);
            string machine = $".{Environment.MachineName}.";
            if (IsTemporary(name) && name.Contains(machine, StringComparison.Ordinal)
                && !IsRunning(int.Parse(name.Split('.')[^2], CultureInfo.InvariantCulture)))
            {
                Discard(path);
            }
        }
    }

    private static bool IsRunning(int process)
    {
        try
        {
            using System.Diagnostics.Process running = System.Diagnostics.Process.GetProcessById(process);
            return !running.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Already on the way out with the first failure, which says more than this one would.
        }
    }
}
