using GpuConvnet.Kernels.Accelerators;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// Keeps the queue of launches short: long enough that a device never runs dry, short enough that progress means something and
/// Ctrl-C does not wait for long.
/// </summary>
/// <param name="accelerator">The device.</param>
internal sealed class QueueLimit(Accelerator accelerator) : IDisposable
{
    // Twice as many may be queued.
    private const int StepsBetweenMilestones = 8;

    private readonly Queue<StreamMarker> _milestones = new();
    private int _steps;

    /// <summary>Says that a step's launches are queued; waits while too many are.</summary>
    public void EndStep()
    {
        if (++_steps < StepsBetweenMilestones)
        {
            return;
        }

        _steps = 0;
        _milestones.Enqueue(StreamMarker.After(accelerator));
        if (_milestones.Count > 1)
        {
            using StreamMarker oldest = _milestones.Dequeue();
            oldest.Wait();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (_milestones.TryDequeue(out StreamMarker? milestone))
        {
            milestone.Dispose();
        }
    }
}
