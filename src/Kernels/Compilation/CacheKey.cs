using System.Security.Cryptography;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// The key that says which files of a cache were written by its user. Whoever can write into the folder, or could once, can put code
/// there for a device to run, but cannot make its seal.
/// </summary>
internal static class CacheKey
{
    /// <summary>The key's file, in the folder.</summary>
    public const string FileName = "key";

    private const int Bytes = 32;
    private const UnixFileMode Folder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode OpenToOthers = WritableByOthers | UnixFileMode.GroupRead | UnixFileMode.OtherRead
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The folder's key, or a new one; folder and key are made where they are missing, for their user alone.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">It is no folder of this user's alone, or nothing can be written there; the message says what.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read or written.</exception>
    public static byte[] Of(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!Directory.Exists(folder))
        {
            Create(folder);
        }

        if (!FileOwner.IsOurs(folder))
        {
            throw new IOException($"{folder} belongs to another user, whose code a device would run.");
        }

        bool hasKey = File.Exists(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(folder) & WritableByOthers) != 0)
        {
            // Without a key nothing there has been trusted yet: an older version made the folder.
            if (hasKey)
            {
                throw new IOException(
                    $"others can write into {folder}, and a device would run what they put there. 'chmod go-w {folder}' keeps them out.");
            }

            File.SetUnixFileMode(folder, Folder);
        }

        return hasKey && Read(path) is { } key ? key : Make(path);
    }

    /// <summary>A file that its user alone can read and write, whatever the umask.</summary>
    public static FileStream CreateFile(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Secret;
        }

        FileStream file = new(path, options);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file.SafeFileHandle, Secret);
        }

        return file;
    }

    private static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, Folder);
            File.SetUnixFileMode(folder, Folder);
        }
    }

    /// <summary>The key in a file; null where it is damaged, and a new one is to be made.</summary>
    private static byte[]? Read(string path)
    {
        if (!FileOwner.IsOurs(path) || (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OpenToOthers) != 0))
        {
            throw new IOException($"{path} is not this user's alone, so that others can pass their code for what was kept here. Move it away, and a new one is made.");
        }

        byte[] key = new byte[Bytes + 1];
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return file.ReadAtLeast(key, key.Length, throwOnEndOfStream: false) == Bytes ? key[..Bytes] : null;
    }

    private static byte[] Make(string path)
    {
        byte[] key = RandomNumberGenerator.GetBytes(Bytes);
        string temporary = $"{path}.{Guid.NewGuid():N}.part";
        try
        {
            using (FileStream file = CreateFile(temporary))
            {
                file.Write(key);
            }

            if (File.Exists(path) && Read(path) is null)
            {
                File.Delete(path);
            }

            File.Move(temporary, path, overwrite: false);
            return key;
        }
        catch (IOException) when (File.Exists(path) && Read(path) is not null)
        {
            // Another program was first.
            return Read(path)!;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
