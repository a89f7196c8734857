using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// The training of many seeds at once, per example, on a device: what <see cref="TrainingRun"/> does for one. All seeds take
/// the same steps at the same time and are evaluated together. They know nothing of each other: networks that answer as one are a
/// <see cref="Model.Ensembles.EnsembleClassifier"/>.
/// </summary>
internal sealed class EnsembleRuns
{
    // So many steps are planned at a time.
    private const int MostSteps = 8 * EnsembleTrainer.PresentationsPerLaunch;

    private readonly IReadOnlyList<PlannedRun> _runs;
    private readonly IReadOnlyList<RunArchive?> _archives;
    private readonly RunRecord[] _records;
    private readonly string?[] _failures;
    private readonly EnsembleTrainer _trainer;
    private readonly StepSchedule _schedule;
    private readonly double _compileSeconds;
    private long _started;
    private long _held;

    /// <summary>Prepares the runs.</summary>
    /// <param name="runs">The runs, which differ in the seed and the start alone.</param>
    /// <param name="archives">What saves each; null where it is not saved.</param>
    /// <param name="trainer">What trains, with as many members.</param>
    /// <param name="compileSeconds">How long the trainer took to get ready.</param>
    public EnsembleRuns(
        IReadOnlyList<PlannedRun> runs, IReadOnlyList<RunArchive?> archives, EnsembleTrainer trainer, double compileSeconds)
    {
        _runs = runs;
        _archives = archives;
        _trainer = trainer;
        _compileSeconds = compileSeconds;
        _schedule = Common.Schedule(runs[0].Data.TrainCount);
        _failures = new string?[runs.Count];
        _records = [.. runs.Select(run => new RunRecord(run, resumed: null))];
    }

    /// <summary>What shows each run on a page; null for none, or for one that is not shown.</summary>
    public IReadOnlyList<LiveRun?>? Shown { get; init; }

    /// <summary>Raised, on the training thread, now and then with the steps that every run has taken so far.</summary>
    public event Action<long>? Trained;

    private ExperimentConfiguration Common => _runs[0].Configuration;

    /// <summary>
    /// Trains to the end, or to the evaluation after the token is cancelled, one of the runs has diverged or the device has
    /// failed.
    /// </summary>
    /// <param name="interruption">Ends the runs early; what was done is in the outcomes.</param>
    /// <returns>Each run's outcome, or null and why there is none.</returns>
    /// <exception cref="RunFailedException">The device failed before the first evaluation, or the disk did.</exception>
    public IReadOnlyList<(RunOutcome? Outcome, string? Failure)> Execute(CancellationToken interruption)
    {
        _started = Stopwatch.GetTimestamp();
        string? lost = null;
        try
        {
            Begin();
            for (long steps = 0; steps < Common.TotalSteps && !(steps > 0 && interruption.IsCancellationRequested) && !IsFailed;)
            {
                long begun = Stopwatch.GetTimestamp();
                long heldBefore = _held;
                steps = TrainToEvaluation(steps);
                Take(steps, begun + (_held - heldBefore));
            }
        }
        catch (DeviceException failure) when (_records.All(record => record.IsEvaluated))
        {
            lost = failure.Message;
        }
        catch (DeviceException failure)
        {
            throw new RunFailedException(failure.Message, failure);
        }

        return
        [
            .. _records.Select((record, run) => _failures[run] is { } failure
                ? ((RunOutcome?)null, (string?)failure)
                : (record.Outcome(_compileSeconds, TotalSeconds, startupSeconds: null, lost), lost)),
        ];
    }

    private double TotalSeconds => _runs[0].DataSeconds + _compileSeconds + Stopwatch.GetElapsedTime(_started + _held).TotalSeconds;

    private bool IsFailed => _failures.Any(failure => failure is not null);

    private void Begin()
    {
        _trainer.Begin();
        for (int member = 0; member < _runs.Count; member++)
        {
            (ExperimentConfiguration own, TrainingStart? start) = (_runs[member].Configuration, _runs[member].Start);
            _trainer.Load(member, start?.Parameters ?? own.DrawParameters(), own.Seed);
        }

        if (_runs[0].Start is not null)
        {
            Take(steps: 0, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <returns>The steps of each run so far.</returns>
    private long TrainToEvaluation(long steps)
    {
        long end = Math.Min(steps + Common.EvaluationSteps, Common.TotalSteps);
        for (long first = steps; first < end; first += MostSteps)
        {
            long before = first;
            _trainer.Take(_schedule.Steps(first, (int)Math.Min(MostSteps, end - first)), done => Report(before + done));
        }

        return end;
    }

    private void Report(long steps)
    {
        Trained?.Invoke(steps);
        double seconds = Stopwatch.GetElapsedTime(_started + _held).TotalSeconds;
        foreach (LiveRun shown in Shown?.OfType<LiveRun>() ?? [])
        {
            _held += shown.Trained(steps, seconds, trainer: null);
        }
    }

    /// <summary>Evaluates all runs and writes down how they stand.</summary>
    private void Take(long steps, long begun)
    {
        IReadOnlyList<Snapshot> snapshots = _trainer.Evaluate();
        ParallelWork.ForEach(Enumerable.Range(0, snapshots.Count), Environment.ProcessorCount, run =>
        {
            try
            {
                HistoryEntry entry = _records[run].Add(steps, begun, snapshots[run]);
                _archives[run]?.Save(steps, entry, snapshots[run].Parameters);
                Shown?[run]?.Evaluated(steps, entry, snapshots[run].Parameters);
            }
            catch (RunFailedException failure) when (failure.IsDivergence)
            {
                _failures[run] = failure.Message;
                RunRecord record = _records[run];
                _archives[run]?.Save(
                    new RunDivergence(steps, failure.Message),
                    record.IsEvaluated ? record.Outcome(_compileSeconds, TotalSeconds, startupSeconds: null, failure.Message) : null);
            }
        });
    }
}
