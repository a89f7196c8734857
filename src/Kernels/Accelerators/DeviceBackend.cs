using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// A way to devices: how they are found, described and opened. A new one is a file like <see cref="CudaBackend"/> and an entry
/// in <see cref="AcceleratorDiscovery"/>; where its queue runs while the host goes on, <see cref="StreamMarker"/> says how to
/// wait for it.
/// </summary>
internal abstract class DeviceBackend
{
    /// <summary>What its devices are.</summary>
    public abstract DeviceKind Kind { get; }

    /// <summary>Adds its devices to a context that is being made.</summary>
    public abstract void Register(Context.Builder builder);

    /// <summary>Its devices in a context, preferred ones first.</summary>
    public abstract IEnumerable<Device> Find(Context context);

    /// <summary>Describes one of its devices.</summary>
    /// <param name="device">The device.</param>
    /// <param name="index">Its place among them.</param>
    public abstract DeviceDescription Describe(Device device, int index);

    /// <summary>Opens one of its devices.</summary>
    public virtual Accelerator Open(Device device, Context context) => device.CreateAccelerator(context);

    /// <summary>See <see cref="AcceleratorDiscovery.PeakOf"/>.</summary>
    public virtual DevicePeak? PeakOf(Device device) => null;
}
