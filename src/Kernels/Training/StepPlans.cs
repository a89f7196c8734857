using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Fused;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// Planned steps on their way to the device: a window of them in its memory, overwritten in the queue's order, and some
/// windows in page-locked memory from which they are copied while the host goes on.
/// </summary>
internal sealed class StepPlans : IDisposable
{
    // So many windows may be under way: enough that a device never runs dry, few enough that Ctrl-C does not wait for long.
    private const int MostUnderWay = 4;

    private readonly Accelerator _accelerator;
    private readonly MemoryBuffer1D<PlannedStep, Stride1D.Dense> _window;
    private readonly PageLockedArray1D<PlannedStep>[] _sources;
    private readonly StreamMarker?[] _ends = new StreamMarker?[MostUnderWay];
    private int _next;

    /// <summary>Allocates.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="length">Steps of a window.</param>
    public StepPlans(Accelerator accelerator, int length)
    {
        _accelerator = accelerator;
        Length = length;
        _window = accelerator.Allocate1D<PlannedStep>(length);
        _sources = [.. Enumerable.Range(0, MostUnderWay).Select(_ => accelerator.AllocatePageLocked1D<PlannedStep>(length))];
    }

    /// <summary>Steps of a window.</summary>
    public int Length { get; }

    /// <summary>(Length), on the device: the window that the launches which are queued now will read.</summary>
    public ArrayView<PlannedStep> Window => _window.View;

    /// <summary>Queues the copy of the steps that the next launches take; waits while too many are under way.</summary>
    /// <param name="steps">The steps, at most a window of them.</param>
    public void Enqueue(ReadOnlySpan<PlannedStep> steps)
    {
        if (_ends[_next] is { } end)
        {
            end.Wait();
            end.Dispose();
            _ends[_next] = null;
        }

        PageLockedArray1D<PlannedStep> source = _sources[_next];
        steps.CopyTo(source.Span);
        _window.View.SubView(0, steps.Length).AsContiguous().CopyFrom(source.ArrayView.SubView(0, steps.Length));
    }

    /// <summary>Says that the launches of the steps are queued.</summary>
    public void EndWindow()
    {
        _ends[_next] = StreamMarker.After(_accelerator);
        _next = (_next + 1) % MostUnderWay;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _ends.Length; i++)
        {
            _ends[i]?.Dispose();
            _ends[i] = null;
        }

        foreach (PageLockedArray1D<PlannedStep> source in _sources)
        {
            source.Dispose();
        }

        _window.Dispose();
    }
}
