using System.Collections.Concurrent;

namespace GpuConvnet.Trainer.Training;

/// <summary>A lane of a worker: a thread that trains one run at a time.</summary>
internal sealed class WorkerLane : IDisposable
{
    private readonly BlockingCollection<WorkerRun> _runs = [];
    private readonly LocalLane _lane;
    private readonly Thread _thread;

    /// <summary>Begins to wait for runs.</summary>
    /// <param name="number">Which of several devices, from 0.</param>
    /// <param name="train">Trains a run, given how it becomes ready here; throws nothing.</param>
    public WorkerLane(int number, Action<WorkerRun, Func<PlannedRun, LaneRun>> train)
    {
        _lane = new LocalLane(number, threads: 1);
        _thread = new Thread(() =>
        {
            foreach (WorkerRun run in _runs.GetConsumingEnumerable())
            {
                train(run, _lane.Take);
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Has a run trained after those before it.</summary>
    public void Add(WorkerRun run) => _runs.Add(run);

    /// <summary>Waits for the runs, and gives back what trained them.</summary>
    public void Dispose()
    {
        _runs.CompleteAdding();
        _thread.Join();
        _runs.Dispose();
        _lane.Dispose();
    }
}
