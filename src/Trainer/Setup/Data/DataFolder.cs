namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The folder under which data sets lie: <c>mnist/</c> and <c>usps/</c>.</summary>
/// <param name="FullPath">The folder; it need not exist.</param>
/// <param name="Reason">Why this folder, for the user.</param>
public sealed record DataFolder(string FullPath, string Reason)
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "GPUCONVNET_DATA";

    /// <summary>MNIST's four files.</summary>
    public string Mnist => Path.Combine(FullPath, "mnist");

    /// <summary>USPS's two files.</summary>
    public string Usps => Path.Combine(FullPath, "usps");

    /// <summary>
    /// The folder of <c>--data</c>, else of GPUCONVNET_DATA, else in the user's cache, else among temporary files.
    /// </summary>
    /// <param name="option">The option's value; null if it was not given.</param>
    /// <exception cref="BadInputException">A folder that was named does not exist.</exception>
    public static DataFolder Resolve(string? option)
    {
        if (option is not null)
        {
            return Named(option, "--data");
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable)
        {
            return Named(variable, Variable);
        }

        return UserCache.FullPath is { } cache
            ? new DataFolder(cache, $"the user's cache; --data or {Variable} names another")
            : new DataFolder(
                Path.Combine(Path.GetTempPath(), "gpuconvnet"),
                $"there is no home folder to have a cache in; --data or {Variable} names another");
    }

    /// <summary>Finds a file, plain or with .gz.</summary>
    /// <param name="folder"><see cref="Mnist"/> or <see cref="Usps"/>.</param>
    /// <param name="name">The plain name.</param>
    /// <returns>The path, or null if there is neither.</returns>
    public static string? Find(string folder, string name)
    {
        string plain = Path.Combine(folder, name);
        return File.Exists(plain) ? plain : File.Exists(plain + ".gz") ? plain + ".gz" : null;
    }

    private static DataFolder Named(string path, string by)
    {
        if (!Directory.Exists(path))
        {
            throw new BadInputException(
                File.Exists(path)
                    ? $"{by} names {path}, which is a file. Name the folder in which mnist/ and usps/ lie, or leave {by} out."
                    : $"{by} names the folder {path}, which does not exist. Create it (trainer data fetch then fills it), "
                        + $"or leave {by} out.");
        }

        return new DataFolder(Path.GetFullPath(path), by);
    }
}
