using System.Runtime.InteropServices;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>Whose a file or folder is. On Windows a user's folders are kept by their access lists, and nothing is asked here.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100;
    private const uint Owner = 0x8;
    private const int StatxBytes = 256;
    private const int OwnerAt = 20;

    /// <summary>Whether it is this process's user's own, links followed.</summary>
    /// <param name="path">A file or folder that exists.</param>
    public static bool IsOurs(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return true;
        }

        if (OperatingSystem.IsLinux())
        {
            Span<byte> status = stackalloc byte[StatxBytes];
            return Statx(CurrentFolder, path, 0, Owner, status) == 0 && MemoryMarshal.Read<uint>(status[OwnerAt..]) == EffectiveUser();
        }

        // Elsewhere there is no one layout of what 'stat' answers: only the owner, and root, may set a mode, be it to what it is.
        try
        {
            File.SetUnixFileMode(path, File.GetUnixFileMode(path));
            return EffectiveUser() != 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, Span<byte> status);
}
