namespace GpuConvnet.Trainer.Training;

/// <summary>A core of this process, or a device. A device keeps its trainer from one run to the next where that suits.</summary>
/// <param name="number">Which of several devices, from 0.</param>
/// <param name="threads">The most threads of a run on the CPU; 0 for one per core.</param>
/// <param name="sayNote">Hears what a user should know about how a device trains.</param>
internal sealed class LocalLane(int number, int threads, Action<string>? sayNote = null) : ILane
{
    private RunStation? _station;

    /// <inheritdoc/>
    public LaneRun Take(PlannedRun run) => new LocalRun(
        this, run.Choice.Each is { Count: > 1 } each ? run with { Choice = each[number % each.Count] } : run);

    /// <inheritdoc/>
    public void Dispose()
    {
        _station?.Dispose();
        _station = null;
    }

    private RunStation StationFor(PlannedRun run)
    {
        if (_station?.Suits(run) != true)
        {
            Dispose();
            _station = new RunStation(run, threads);
            if (sayNote is not null && !run.Choice.RunsInParallel && _station.Note is { } note)
            {
                sayNote(note);
            }
        }

        return _station;
    }

    private sealed class LocalRun(LocalLane lane, PlannedRun planned) : LaneRun(planned)
    {
        public override RunOutcome Execute(CancellationToken stop)
        {
            Drop.ThrowIfCancellationRequested();
            using RunArchive? archive = RunArchive.Open(Saving, Planned, OnSaid);
            PlannedRun planned = Planned.After(archive?.Resumed);
            TrainingRun run = lane.StationFor(planned).Ready(planned);
            run.Archive = archive;
            run.Live = Live;
            run.Trained += (steps, seconds) =>
            {
                Drop.ThrowIfCancellationRequested();
                OnTrained(steps, seconds);
            };
            RunOutcome outcome = run.Execute(stop);
            archive?.Save(outcome);
            return outcome;
        }
    }
}
