using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GpuConvnet.Formats;

/// <summary>
/// Files that are read whole, as they are when they are opened: no more of one that grows meanwhile, nothing of a device or a pipe, and
/// nothing that is larger than it may be.
/// </summary>
public static partial class RegularFile
{
    private const int Interrupted = 4;

    // Without it, opening a pipe that nobody writes to never ends.
    private const int NonBlockingOnLinux = 0x800;
    private const int NonBlockingOnMac = 0x4;
    private const int CloseOnExecOnLinux = 0x80000;
    private const int CloseOnExecOnMac = 0x1000000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="IOException">It is no regular file, is larger, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static byte[] Read(string path, long most)
    {
        using FileStream file = Open(path, most);
        byte[] content = new byte[file.Length];
        int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content[..length];
    }

    /// <summary>Opens a file to read it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes that it may have.</param>
    /// <exception cref="IOException">It is no regular file, is larger, or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream Open(string path, long most = long.MaxValue)
    {
        // A path that links lead to a device is a device all the same.
        path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        FileStream file = OperatingSystem.IsWindows() || Directory.Exists(path) ? File.OpenRead(path) : OpenWithoutWaiting(path);
        try
        {
            if (!file.CanSeek || path.StartsWith("/dev/", StringComparison.Ordinal))
            {
                throw new IOException("It is a device or a pipe, not a file.");
            }

            return file.Length <= most
                ? file
                : throw new IOException(FormattableString.Invariant(
                    $"It has {file.Length:N0} bytes, more than any that this program writes ({most:N0})."));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether a file's content lies where its name is: not, by links, outside of a folder.</summary>
    /// <param name="path">The file; one that is not there lies inside.</param>
    /// <param name="folder">The folder.</param>
    public static bool LiesIn(string path, string folder) =>
        !Path.Exists(path)
        || new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is not { } target
        || IsBelow(target.FullName, Real(folder))
        || IsBelow(target.FullName, Path.GetFullPath(folder));

    private static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string Real(string folder) =>
        new DirectoryInfo(Path.GetFullPath(folder)).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.GetFullPath(folder);

    private static FileStream OpenWithoutWaiting(string path)
    {
        int flags = OperatingSystem.IsMacOS() ? NonBlockingOnMac | CloseOnExecOnMac : NonBlockingOnLinux | CloseOnExecOnLinux;
        int descriptor;
        do
        {
            descriptor = Open(path, flags);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        // .NET has exceptions and words of its own for what hinders it.
        return descriptor < 0 ? File.OpenRead(path) : new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Read);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
