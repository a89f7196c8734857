using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>NVIDIA GPUs, by way of their driver.</summary>
internal sealed class CudaBackend : DeviceBackend
{
    /// <inheritdoc/>
    public override DeviceKind Kind => DeviceKind.Cuda;

    /// <inheritdoc/>
    public override void Register(Context.Builder builder) => builder.Cuda();

    /// <inheritdoc/>
    public override IEnumerable<Device> Find(Context context) => context.Devices.OfType<CudaDevice>();

    /// <inheritdoc/>
    public override DeviceDescription Describe(Device device, int index)
    {
        CudaDevice cuda = (CudaDevice)device;
        return new(
            Kind, index, cuda.Name, IsGpu: true, cuda.MemorySize, cuda.NumMultiprocessors,
            $"CUDA driver {cuda.DriverVersion}, architecture {cuda.Architecture}", "");
    }

    /// <inheritdoc/>
    public override Accelerator Open(Device device, Context context)
    {
        Accelerator accelerator = base.Open(device, context);
        DriverWorkarounds.GiveOwnStream(accelerator);
        return accelerator;
    }

    /// <inheritdoc/>
    public override DevicePeak? PeakOf(Device device)
    {
        CudaDevice cuda = (CudaDevice)device;
        return DevicePeak.OfCuda(
            cuda.NumMultiprocessors,
            cuda.Architecture?.Major ?? 0,
            cuda.Architecture?.Minor ?? 0,
            Attribute(cuda, DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
            Attribute(cuda, DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
            Attribute(cuda, DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH));
    }

    // ILGPU's own properties divide the clocks, and lose digits.
    private static int Attribute(CudaDevice device, DeviceAttributeKind kind) =>
        CudaAPI.CurrentAPI.GetDeviceAttribute(kind, device.DeviceId);
}
