using System.Runtime.InteropServices;

namespace GpuConvnet.Mpi;

/// <summary>The system's own loader of libraries, for its options.</summary>
internal static partial class DynamicLinker
{
    /// <summary>Loads a library.</summary>
    /// <returns>Its handle; 0 where it cannot be loaded.</returns>
    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Open(string name, int flags);
}
