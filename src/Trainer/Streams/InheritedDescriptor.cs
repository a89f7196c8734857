using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GpuConvnet.Trainer.Streams;

/// <summary>The standard streams as whoever started the program handed them over: a shell's <c>2&gt;&amp;-</c> hands over none.</summary>
/// <remarks>
/// The number of a closed stream is the next that is given to whatever the program opens: the runtime's own files take it, or a
/// model does, and what is then written to "standard error" spoils that. What was handed over has come through exec, and so is not
/// marked to be closed by it; what has been opened since is, by .NET and its libraries.
/// </remarks>
internal static partial class InheritedDescriptor
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;
    private const int MostReserved = 3;

    /// <summary>Whether a descriptor, 0 to 2, is open and the caller's.</summary>
    public static bool IsOpen(int descriptor) =>
        OperatingSystem.IsWindows() || (Control(descriptor, GetFlags) is var flags && flags >= 0 && (flags & CloseOnExec) == 0);

    /// <summary>Takes the numbers of closed standard streams, so that no file of ours gets one. They are never given back.</summary>
    public static IReadOnlyList<SafeFileHandle> Reserve()
    {
        List<SafeFileHandle> taken = [];
        while (!OperatingSystem.IsWindows() && taken.Count < MostReserved)
        {
            SafeFileHandle next = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if (next.DangerousGetHandle() > 2)
            {
                next.Dispose();
                break;
            }

            taken.Add(next);
        }

        return taken;
    }

    // The variadic argument is left out: F_GETFD takes none.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command);
}
