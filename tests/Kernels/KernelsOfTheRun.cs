using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Trainer.Training;

[assembly: AssemblyFixture(typeof(KernelsOfTheRun))]

namespace GpuConvnet.Tests.Kernels;

/// <summary>
/// Where all tests, and the programs that they start, keep generated kernels: none is from before this run of the tests, and
/// each is made once in it.
/// </summary>
public sealed class KernelsOfTheRun : IDisposable
{
    private static readonly string s_folder = Directory.CreateTempSubdirectory("gpuconvnet-kernels-").FullName;

    public KernelsOfTheRun() => Environment.SetEnvironmentVariable(KernelCacheLocation.Variable, s_folder);

    internal static KernelCache Folder { get; } = new(s_folder);

    public void Dispose() => Directory.Delete(s_folder, recursive: true);
}
