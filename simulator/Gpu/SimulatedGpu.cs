using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Simulator.Ptx;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>
/// A GPU that is not there, for what trains on a GPU: it is given the very launches, and the very PTX, that CUDA would be, and
/// runs them by <see cref="PtxMachine"/>.
/// </summary>
internal sealed class SimulatedGpu : IDisposable
{
    /// <summary>Opens it.</summary>
    /// <param name="multiprocessors">How many it has, which decides how many groups a launch has.</param>
    /// <param name="kernels">Where generated code is kept; null for nowhere.</param>
    public SimulatedGpu(int multiprocessors = 1, KernelCache? kernels = null)
    {
        Discovery = new AcceleratorDiscovery([new SimulatedBackend(multiprocessors)]) { KernelCache = kernels };
        Accelerator = (SimulatedAccelerator)Discovery.Open(Device).Accelerator;
    }

    /// <summary>Where it is found.</summary>
    public AcceleratorDiscovery Discovery { get; }

    /// <summary>The device.</summary>
    public DeviceDescription Device => Discovery.Devices[0];

    /// <summary>What runs its launches, and has its memory.</summary>
    public SimulatedAccelerator Accelerator { get; }

    /// <inheritdoc/>
    public void Dispose() => Discovery.Dispose();
}
