using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>Where generated kernels are kept between starts: GPUCONVNET_KERNELS, else the user's cache.</summary>
internal static class KernelCacheLocation
{
    /// <summary>The environment variable that names the folder, or "none".</summary>
    public const string Variable = "GPUCONVNET_KERNELS";

    /// <summary>The folder, which need not exist; null for none.</summary>
    public static KernelCache? Folder() => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => UserCache.FullPath is { } cache ? new KernelCache(Path.Combine(cache, "kernels")) : null,
        "none" => null,
        { } named => new KernelCache(Path.GetFullPath(named)),
    };
}
