namespace GpuConvnet.Tests.Reliability;

/// <summary>An error that the system may answer a call with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Number">Its number on Linux.</param>
/// <param name="Calls">The calls that it is tried with.</param>
internal sealed record Fault(string Name, int Number, params string[] Calls)
{
    /// <summary>The call was broken off by a signal, and wants to be made again.</summary>
    public const string Interrupted = "EINTR";

    /// <summary>All that are tried.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new("EIO", 5, "write", "fsync", "create", "open", "mkdir", "rename", "unlink", "rmdir", "ftruncate", "read"),
        new("ENOSPC", 28, "write", "fsync", "create", "mkdir", "rename"),
        new("EDQUOT", 122, "write", "fsync", "create", "mkdir", "rename"),
        new("EROFS", 30, "create", "mkdir", "rename", "unlink", "rmdir"),
        new("EACCES", 13, "create", "open", "mkdir", "rename", "unlink"),
        new("EMFILE", 24, "create", "open"),
        new("ENOLCK", 37, "flock"),
        new(Interrupted, 4, "write", "fsync", "create", "open", "ftruncate", "flock", "read"),
    ];
}
