using System.Reflection;
using System.Runtime.Loader;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>
/// Finds ASP.NET Core beside the .NET runtime when a page is wanted. The program does not name it among what it needs, so that it starts,
/// and trains, where it is not installed.
/// </summary>
internal static class AspNetCoreRuntime
{
    private const string Name = "Microsoft.AspNetCore.App";

    /// <summary>Makes it usable.</summary>
    /// <exception cref="BadInputException">It is not installed.</exception>
    public static void Require()
    {
        if (IsLoadable())
        {
            return;
        }

        // .../shared/Microsoft.NETCore.App/10.0.1
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string all = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(runtime))!, Name);
        string? folder = Directory.Exists(all)
            ? Directory.GetDirectories(all)
                .Select(path => (Path: path, Version: Version.TryParse(Path.GetFileName(path), out Version? version) ? version : null))
                .Where(found => found.Version?.Major == Environment.Version.Major)
                .OrderByDescending(found => found.Version)
                .Select(found => found.Path)
                .FirstOrDefault()
            : null;
        if (folder is null)
        {
            throw new BadInputException(
                $"The live page needs ASP.NET Core {Environment.Version.Major}.0, a part of .NET that is not installed here ({all} has none). "
                + $"Install it: the package aspnetcore-runtime-{Environment.Version.Major}.0, or the .NET SDK, which has it; or leave --live out.");
        }

        AssemblyLoadContext.Default.Resolving += (context, wanted) =>
        {
            string path = Path.Combine(folder, $"{wanted.Name}.dll");
            return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        };
    }

    private static bool IsLoadable()
    {
        try
        {
            return Assembly.Load("Microsoft.AspNetCore") is not null;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
