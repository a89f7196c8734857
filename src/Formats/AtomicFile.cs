namespace GpuConvnet.Formats;

/// <summary>Files that are there whole or not at all, whatever stops the program half-way.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes to a temporary file beside the target, and renames it when all has reached the disk. A file that was there
    /// before is replaced in that one moment.
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

        string temporary = $"{fullPath}.{Environment.ProcessId}.part";
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, fullPath, overwrite: true);
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
