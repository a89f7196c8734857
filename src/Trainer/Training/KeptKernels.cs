using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>Where generated kernels are kept between starts: GPUCONVNET_KERNELS, else the user's cache.</summary>
internal static class KeptKernels
{
    /// <summary>The environment variable that names the folder, or "none".</summary>
    public const string Variable = "GPUCONVNET_KERNELS";

    /// <summary>The folder, which need not exist; null for none.</summary>
    public static KernelFolder? Folder() => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" => UserCache.FullPath is { } cache ? new KernelFolder(Path.Combine(cache, "kernels")) : null,
        "none" => null,
        { } named => new KernelFolder(Path.GetFullPath(named)),
    };
}
