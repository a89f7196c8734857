using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>OpenCL devices, GPUs first.</summary>
internal sealed class OpenClBackend : DeviceBackend
{
    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.OpenCL;

    /// <inheritdoc/>
    public override void Register(Context.Builder builder) => builder.OpenCL(_ => true);

    /// <inheritdoc/>
    public override IEnumerable<Device> Find(Context context) => context.Devices.OfType<CLDevice>().OrderByDescending(IsGpu);

    /// <inheritdoc/>
    public override DeviceDescription Describe(Device device, int index)
    {
        CLDevice openCl = (CLDevice)device;
        bool helped = DriverWorkarounds.PretendGenericAddressSpace(openCl);
        return new(
            Kind, index, openCl.Name, IsGpu(openCl), openCl.MemorySize, openCl.NumMultiprocessors,
            $"{openCl.PlatformName}, OpenCL C {openCl.CVersion}",
            helped ? "reports no generic address space; enabled all the same, since these kernels do not use it" : "");
    }

    /// <inheritdoc/>
    public override DevicePeak? PeakOf(Device device) => IsGpu((CLDevice)device)
        ? new(null, null, "unknown: OpenCL tells neither the cores of a compute unit nor the memory's clock")
        : null;

    private static bool IsGpu(CLDevice device) => (device.DeviceType & CLDeviceType.CL_DEVICE_TYPE_GPU) != 0;
}
