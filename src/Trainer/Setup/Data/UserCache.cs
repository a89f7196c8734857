namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The program's folder among the caches of the user: what is there can be had again.</summary>
internal static class UserCache
{
    /// <summary>
    /// The folder, which need not exist: of XDG_CACHE_HOME, or where the operating system has caches. Null for a user who has no
    /// home, and is not to find one in whatever folder the program is started from.
    /// </summary>
    public static string? FullPath
    {
        get
        {
            string folder = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named
                && Path.IsPathFullyQualified(named)
                ? named
                : OperatingSystem.IsWindows()
                    ? Home(Environment.SpecialFolder.LocalApplicationData)
                    : Path.Combine(
                        Home(Environment.SpecialFolder.UserProfile), OperatingSystem.IsMacOS() ? "Library/Caches" : ".cache");
            return Path.IsPathFullyQualified(folder) ? Path.Combine(folder, "gpuconvnet") : null;
        }
    }

    private static string Home(Environment.SpecialFolder folder) =>
        Environment.GetFolderPath(folder, Environment.SpecialFolderOption.DoNotVerify);
}
