using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>ILGPU's CPU accelerator, of which each lane is an operating-system thread.</summary>
/// <param name="cpu">Its size.</param>
internal sealed class CpuBackend(CPUDevice cpu) : DeviceBackend
{
    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.Cpu;

    /// <inheritdoc/>
    public override void Register(Context.Builder builder) => builder.CPU(cpu);

    /// <inheritdoc/>
    public override IEnumerable<Device> Find(Context context) => context.Devices.OfType<CPUDevice>();

    /// <inheritdoc/>
    public override DeviceDescription Describe(Device device, int index) => new(
        Kind, index, "ILGPU CPU accelerator", IsGpu: false, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        device.NumMultiprocessors, $"ILGPU {typeof(Context).Assembly.GetName().Version?.ToString(3)}",
        "a simulator for tests and debugging, and slow");
}
