using ILGPU.Runtime;

namespace GpuConvnet.Simulator.Gpu;

/// <summary>A queue that is always empty: a launch returns when the kernel has run.</summary>
internal sealed class SimulatedStream(Accelerator accelerator) : AcceleratorStream(accelerator)
{
    /// <inheritdoc/>
    public override void Synchronize()
    {
        // There is nothing to wait for.
    }

    /// <inheritdoc/>
    protected override ProfilingMarker AddProfilingMarkerInternal() => throw new NotSupportedException("It keeps no times.");

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        // There is nothing to free.
    }
}
