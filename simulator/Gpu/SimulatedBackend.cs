using GpuConvnet.Kernels.Accelerators;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>One GPU that is not there.</summary>
/// <param name="multiprocessors">How many it has.</param>
internal sealed class SimulatedBackend(int multiprocessors) : DeviceBackend
{
    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.Cuda;

    /// <inheritdoc/>
    public override void Register(Context.Builder builder)
    {
        // ILGPU need not know of it.
    }

    /// <inheritdoc/>
    public override IEnumerable<Device> Find(Context context) => [new SimulatedDevice(multiprocessors)];

    /// <inheritdoc/>
    public override DeviceDescription Describe(Device device, int index) => new(
        Kind, index, device.Name, IsGpu: true, device.MemorySize, device.NumMultiprocessors, "none", "simulated, and slow");
}
