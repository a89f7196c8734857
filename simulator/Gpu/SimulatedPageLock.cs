using ILGPU.Runtime;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>Host memory that the device copies from and to, as it can with all of it.</summary>
internal sealed class SimulatedPageLock<T> : PageLockScope<T>
    where T : unmanaged
{
    /// <summary>Takes what is pinned already.</summary>
    public SimulatedPageLock(Accelerator accelerator, nint pinned, long length)
        : base(accelerator, length) => AddrOfLockedObject = pinned;

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        // Who has pinned it lets it go.
    }
}
