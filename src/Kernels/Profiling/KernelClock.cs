using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Profiling;

/// <summary>
/// Times kernels by the device's own clock: a marker in its queue behind every launch of which
/// <see cref="KernelLoader.Launched"/> tells it.
/// </summary>
internal sealed class KernelClock : IDisposable
{
    private readonly Accelerator _accelerator;
    private readonly List<StreamMarker> _markers = [];
    private readonly List<KernelKind> _kernels = [];

    /// <summary>Starts the clock behind everything queued so far.</summary>
    /// <param name="accelerator">The device whose default stream runs the kernels.</param>
    public KernelClock(Accelerator accelerator)
    {
        _accelerator = accelerator;
        _markers.Add(StreamMarker.TimedAfter(accelerator));
    }

    /// <summary>Says that a kernel has just been launched.</summary>
    public void Add(KernelKind kernel)
    {
        _markers.Add(StreamMarker.TimedAfter(_accelerator));
        _kernels.Add(kernel);
    }

    /// <summary>Waits for the last launch.</summary>
    /// <returns>Every launch, in order.</returns>
    public IReadOnlyList<KernelTime> Read()
    {
        _markers[^1].Wait();
        return [.. _kernels.Select((kernel, launch) =>
            new KernelTime(kernel, _markers[launch + 1].SecondsSince(_markers[launch])))];
    }

    /// <inheritdoc/>
    public void Dispose() => _markers.ForEach(marker => marker.Dispose());
}
