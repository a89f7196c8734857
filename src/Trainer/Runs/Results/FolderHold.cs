using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>Keeps other programs out of a folder that several calls fill, for as long as one of them works in it.</summary>
internal sealed partial class FolderHold : IDisposable
{
    /// <summary>The name of the file whose lock says that the folder is in use.</summary>
    public const string FileName = ".lock";

    private const int MostAttempts = 100;

    // Whoever looks whether a folder is held has it locked for a moment.
    private const int MomentsOfOthers = 5;

    private const int Shared = 1;
    private const int Exclusive = 2;
    private const int WithoutWaiting = 4;

    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(5);

    private readonly FileStream _file;

    private FolderHold(FileStream file, string? note)
    {
        _file = file;
        Note = note;
    }

    /// <summary>What a user should know about how well it holds; null for nothing.</summary>
    public string? Note { get; }

    /// <summary>Takes hold of a folder.</summary>
    /// <param name="fullPath">The folder, which must exist.</param>
    /// <param name="path">What the user called it.</param>
    /// <param name="user">Who else may be using it, such as "another sweep".</param>
    /// <exception cref="BadInputException">Another program holds it.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written to.</exception>
    /// <exception cref="IOException">It cannot be written to.</exception>
    public static FolderHold Take(string fullPath, string path, string user)
    {
        string lockPath = Path.Combine(fullPath, FileName);
        for (int attempt = 1; ; attempt++)
        {
            FileStream file;
            try
            {
                file = new FileStream(
                    lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException failure) when (IsHeld(failure))
            {
                if (attempt <= MomentsOfOthers)
                {
                    Thread.Sleep(s_moment);
                    continue;
                }

                throw new BadInputException(
                    $"{path} is in use by {user} ({failure.Message}). Wait for its end, or name another folder.", failure);
            }

            if (OperatingSystem.IsWindows() || IsStill(lockPath, file))
            {
                return new FolderHold(file, NoteOn(file.SafeFileHandle, path));
            }

            // Who held it before deleted the file between its opening and its being locked here: this lock keeps nobody out.
            file.Dispose();
            if (attempt == MostAttempts)
            {
                throw new BadInputException($"{path} is in use by {user}, and others wait for it. Try again, or name another folder.");
            }
        }
    }

    /// <summary>
    /// Whether a program is at work in a folder. One that was killed leaves the file behind, but no lock on it; where files cannot be
    /// locked, or not be looked into, the file is all that there is to go by.
    /// </summary>
    /// <param name="fullPath">The folder.</param>
    public static bool IsHeld(string fullPath)
    {
        string path = Path.Combine(fullPath, FileName);
        try
        {
            // On Windows whoever holds it lets nobody open it.
            using FileStream? file = File.Exists(path) ? RegularFile.Open(path) : null;
            return file is not null && !OperatingSystem.IsWindows() && Lock(file.SafeFileHandle, Shared | WithoutWaiting) != 0;
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Whether the path leads to the very file that is locked: what is written to one is read from the other.</summary>
    private static bool IsStill(string path, FileStream file)
    {
        byte[] mark = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():N}\n"));
        file.Write(mark);
        file.Flush();
        try
        {
            // FileStream would want to share the lock.
            using FileStream found = RegularFile.Open(path);
            byte[] read = new byte[mark.Length];
            return found.ReadAtLeast(read, read.Length, throwOnEndOfStream: false) == read.Length && read.AsSpan().SequenceEqual(mark);
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    // On Unix .NET says so with EWOULDBLOCK (11 on Linux, 35 on macOS), on Windows with a sharing violation (32).
    private static bool IsHeld(IOException failure) => failure.GetType() == typeof(IOException)
        && (failure.HResult & 0xFFFF) is 11 or 35 or 32;

    /// <summary>.NET goes on without a lock where the file system has none, and does not say so.</summary>
    private static string? NoteOn(SafeFileHandle file, string path) =>
        OperatingSystem.IsWindows() || Lock(file, Exclusive | WithoutWaiting) == 0
            ? null
            : $"note: {path} cannot be locked ({Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}): make sure that no other "
                + "program trains into it.";

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);
}
