using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GpuConvnet.Formats;

/// <summary>
/// Sees to it that what was written is on the disk, and says so when it is not. What a program writes lies in memory for half a minute, and
/// a failing disk tells whoever waits for it, with an error of <c>fsync</c>.
/// </summary>
/// <remarks>
/// .NET 10.0's <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> take that error and say nothing (on Linux and
/// macOS; the finding dotnet-flush-hides-eio shows it), and .NET has no way to sync a folder, which is what keeps a file's new name. Hence
/// the system's own calls.
/// </remarks>
public static partial class Disk
{
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;
    private const int ReadOnly = 0;

    // What folders on some file systems answer: they cannot be synced, and nothing is wrong with them.
    private const int NotSupportedOnLinux = 95;
    private const int NotSupportedOnMac = 45;

    // macOS's fsync hands the data to the drive alone; this has the drive write it.
    private const int FullSync = 51;

    /// <summary>Waits until a file's content is on the disk.</summary>
    /// <param name="file">The file, with nothing left in buffers of this program.</param>
    /// <exception cref="IOException">The disk is full or failing: what was written may not be there.</exception>
    public static void Sync(FileStream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Flush();
        if (OperatingSystem.IsWindows())
        {
            RandomAccess.FlushToDisk(file.SafeFileHandle);
        }
        else
        {
            Sync(file.SafeFileHandle, file.Name, isFolder: false);
        }
    }

    /// <summary>
    /// Waits until a folder's names are on the disk: those of files that were created, renamed or deleted in it. On Windows, where
    /// names are written with the files, nothing is done.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">The disk is full or failing.</exception>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor;
        do
        {
            descriptor = Open(path, ReadOnly);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);
        if (descriptor < 0)
        {
            throw Failure(path);
        }

        using SafeFileHandle folder = new(descriptor, ownsHandle: true);
        Sync(folder, path, isFolder: true);
    }

    /// <summary>Creates a folder and those above it, as names that are on the disk.</summary>
    /// <param name="path">The folder; nothing happens if it is there.</param>
    /// <returns>Its full path.</returns>
    /// <exception cref="IOException">The disk is full or failing, or a file has that name.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder above it may not be written to.</exception>
    public static string CreateFolder(string path)
    {
        string fullPath = Path.GetFullPath(path);
        Stack<string> missing = new();
        for (string? folder = fullPath; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
        {
            missing.Push(folder);
        }

        Directory.CreateDirectory(fullPath);
        foreach (string folder in missing)
        {
            SyncFolder(Path.GetDirectoryName(folder)!);
        }

        return fullPath;
    }

    private static void Sync(SafeFileHandle handle, string path, bool isFolder)
    {
        while (SyncOnce(handle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (isFolder && (error == InvalidArgument || error == (OperatingSystem.IsMacOS() ? NotSupportedOnMac : NotSupportedOnLinux)))
            {
                return;
            }

            if (error != Interrupted)
            {
                throw Failure(path);
            }
        }
    }

    // A volume that has no such drive says so, and is synced as usual.
    private static int SyncOnce(SafeFileHandle handle) =>
        OperatingSystem.IsMacOS() && ControlFile(handle, FullSync) == 0 ? 0 : SyncFile(handle);

    private static IOException Failure(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{path} could not be written to the disk: {Marshal.GetPInvokeErrorMessage(error)}.", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int SyncFile(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int ControlFile(SafeFileHandle file, int command);
}
