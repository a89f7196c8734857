using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Checkpoints;

namespace GpuConvnet.Trainer.Training;

/// <summary>A run that a lane is to train, wherever that is.</summary>
/// <param name="planned">What it is.</param>
internal abstract class LaneRun(PlannedRun planned)
{
    /// <summary>What it is.</summary>
    public PlannedRun Planned => planned;

    /// <summary>Where and how it is saved; null for nowhere.</summary>
    public RunSaving? Saving { get; set; }

    /// <summary>What shows the run on a page; null for none.</summary>
    public LiveRun? Live { get; set; }

    /// <summary>Drops the run where it is: <see cref="Execute"/> throws.</summary>
    public CancellationToken Drop { get; set; }

    /// <summary>
    /// Raised every now and then by the thread that executes, with the steps of the run so far and the seconds since it began.
    /// </summary>
    public event Action<long, double>? Trained;

    /// <summary>Raised by the thread that executes with a line for the user, such as where a saved run goes on.</summary>
    public event Action<string>? Said;

    /// <summary>Trains to the end, to the evaluation after the token is cancelled, or to the device's failure, and saves the run.</summary>
    /// <param name="stop">Ends the run early; what was done is in the outcome.</param>
    /// <exception cref="RunFailedException">
    /// The loss is no number any more, the device failed before the first evaluation, or the run cannot be saved.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was dropped.</exception>
    public abstract RunOutcome Execute(CancellationToken stop);

    /// <summary>Raises <see cref="Trained"/>.</summary>
    protected void OnTrained(long steps, double seconds) => Trained?.Invoke(steps, seconds);

    /// <summary>Raises <see cref="Said"/>.</summary>
    protected void OnSaid(string line) => Said?.Invoke(line);
}
