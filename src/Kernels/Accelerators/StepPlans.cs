using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// Planned steps on their way to the device: a window of them in its memory, overwritten in the queue's order, and some
/// windows in page-locked memory from which they are copied while the host goes on.
/// </summary>
/// <typeparam name="TStep">A planned step.</typeparam>
internal sealed class StepPlans<TStep> : IDisposable
    where TStep : unmanaged
{
    // So many windows may be under way: enough that a device never runs dry, few enough that Ctrl-C does not wait for long.
    private const int MostUnderWay = 4;

    private readonly Accelerator _accelerator;
    private readonly MemoryBuffer1D<TStep, Stride1D.Dense> _window;
    private readonly PageLockedArray1D<TStep>[] _sources;
    private readonly StreamMarker?[] _ends = new StreamMarker?[MostUnderWay];
    private int _next;

    /// <summary>Allocates.</summary>
    /// <param name="accelerator">The device.</param>
    /// <param name="length">Steps of a window.</param>
    public StepPlans(Accelerator accelerator, int length)
    {
        _accelerator = accelerator;
        Length = length;
        _window = accelerator.Allocate1D<TStep>(length);
        _sources = [.. Enumerable.Range(0, MostUnderWay).Select(_ => accelerator.AllocatePageLocked1D<TStep>(length))];
    }

    /// <summary>Steps of a window.</summary>
    public int Length { get; }

    /// <summary>(Length), on the device: the window that the launches which are queued now will read.</summary>
    public ArrayView<TStep> Window => _window.View;

    /// <summary>Queues the copy of the steps that the next launches take; waits while too many are under way.</summary>
    /// <param name="steps">The steps, at most a window of them.</param>
    public void Enqueue(ReadOnlySpan<TStep> steps)
    {
        steps.CopyTo(Room());
        Enqueue(steps.Length);
    }

    /// <summary>Where the steps of the next launches may be planned; waits while too many are under way.</summary>
    /// <returns>(Length), in page-locked memory.</returns>
    public Span<TStep> Room()
    {
        if (_ends[_next] is { } end)
        {
            end.Wait();
            end.Dispose();
            _ends[_next] = null;
        }

        return _sources[_next].Span;
    }

    /// <summary>Queues the copy of the steps that were planned in <see cref="Room"/>.</summary>
    /// <param name="count">How many.</param>
    public void Enqueue(int count) =>
        _window.View.SubView(0, count).AsContiguous().CopyFrom(_sources[_next].ArrayView.SubView(0, count));

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

        foreach (PageLockedArray1D<TStep> source in _sources)
        {
            source.Dispose();
        }

        _window.Dispose();
    }
}
