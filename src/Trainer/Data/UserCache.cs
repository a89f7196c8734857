namespace GpuConvnet.Trainer.Data;

/// <summary>The program's folder among the caches of the user: what is there can be had again.</summary>
internal static class UserCache
{
    /// <summary>The folder, which need not exist: of XDG_CACHE_HOME, or where the operating system has caches.</summary>
    public static string FullPath => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
            ? named
            : OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                    OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache"),
        "gpuconvnet");
}
