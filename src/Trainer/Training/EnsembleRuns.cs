using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// The training of many networks at once on a device, each by a recipe of its own: what <see cref="TrainingRun"/> does for one. All take
/// their steps at the same time and are evaluated together. They know nothing of each other: networks that answer as one are a
/// <see cref="Model.Ensembles.EnsembleClassifier"/>.
/// </summary>
internal sealed class EnsembleRuns
{
    // Writing all members' checkpoints takes no more than this part of the time.
    private const int CheckpointShare = 20;

    private readonly IReadOnlyList<PlannedRun> _runs;
    private readonly IReadOnlyList<RunArchive?> _archives;
    private readonly RunRecord[] _records;
    private readonly string?[] _failures;
    private readonly EnsembleTrainer _trainer;
    private readonly double _compileSeconds;
    private readonly LivePace _pace = new();
    private long _started;
    private long _held;
    private long _saving;
    private long _nextSaving;

    /// <summary>Prepares the runs.</summary>
    /// <param name="runs">
    /// The runs, of one <see cref="EnsembleGroups"/>; those that were left before, at the same step each.
    /// </param>
    /// <param name="archives">What saves each, and says where it was left before; null where it is not saved.</param>
    /// <param name="trainer">What trains, with as many members.</param>
    /// <param name="compileSeconds">How long the trainer took to get ready.</param>
    public EnsembleRuns(
        IReadOnlyList<PlannedRun> runs, IReadOnlyList<RunArchive?> archives, EnsembleTrainer trainer, double compileSeconds)
    {
        _runs = runs;
        _archives = archives;
        _trainer = trainer;
        _compileSeconds = compileSeconds;
        _failures = new string?[runs.Count];
        _records = [.. runs.Select((run, index) => new RunRecord(run, archives[index]?.Resumed))];
    }

    /// <summary>What shows each run on a page; null for none, or for one that is not shown.</summary>
    public IReadOnlyList<LiveRun?>? Shown { get; init; }

    /// <summary>
    /// Drops the runs between two evaluations, when they have been written down: <see cref="Execute"/> throws. Runs that may be dropped are
    /// written down every few seconds, others at evaluations.
    /// </summary>
    public CancellationToken Drop { get; init; }

    /// <summary>Raised, on the training thread, now and then with the steps that every run has taken so far.</summary>
    public event Action<long>? Trained;

    private ExperimentConfiguration Common => _runs[0].Configuration;

    /// <summary>
    /// Trains to the end, or to the evaluation after the token is cancelled, one of the runs has diverged or the device has
    /// failed.
    /// </summary>
    /// <param name="interruption">Ends the runs early; what was done is in the outcomes.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="RunFailedException">The device failed before the first evaluation, or the disk did.</exception>
    /// <exception cref="OperationCanceledException">The runs were dropped.</exception>
    public IReadOnlyList<EnsembleEnd> Execute(CancellationToken interruption)
    {
        _started = Stopwatch.GetTimestamp();
        string? lost = null;
        try
        {
            Begin();
            long steps = _records[0].Steps;
            while (steps < Common.TotalSteps && !(steps > 0 && interruption.IsCancellationRequested) && !IsFailed)
            {
                long begun = Stopwatch.GetTimestamp();
                long heldBefore = _held + _saving;
                steps = TrainToEvaluation(steps, begun);
                Take(steps, begun + (_held + _saving - heldBefore));
                if (steps < Common.TotalSteps && IsSavingDue(steps))
                {
                    Save(steps, _records[0].TrainSeconds);
                }
            }

            if (!Drop.CanBeCanceled && !IsFailed && _archives[0]?.IsCheckpointMissing(steps) == true
                && (steps < Common.TotalSteps || Common.CanBeLengthened))
            {
                Save(steps, _records[0].TrainSeconds);
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
                ? new EnsembleEnd(null, failure, IsDivergence: true, record.TrainSeconds)
                : new EnsembleEnd(
                    record.Outcome(_compileSeconds, TotalSeconds, startupSeconds: null, lost),
                    lost,
                    IsDivergence: false,
                    record.TrainSeconds)),
        ];
    }

    private double TotalSeconds => _runs[0].DataSeconds + _compileSeconds + SecondsOfRun;

    private double SecondsOfRun =>
        (_archives[0]?.Resumed?.TotalSeconds ?? 0) + Stopwatch.GetElapsedTime(_started + _held).TotalSeconds;

    private bool IsFailed => _failures.Any(failure => failure is not null);

    private void Begin()
    {
        for (int member = 0; member < _runs.Count; member++)
        {
            PlannedRun run = _runs[member];
            StepSchedule schedule = run.Configuration.Schedule(run.Data.TrainCount);
            if (_archives[member]?.Resumed is { } resumed)
            {
                _trainer.Load(member, resumed.State, schedule);
                Shown?[member]?.Resume(_records[member].History.Entries, resumed.Steps, resumed.State.Parameters);
            }
            else
            {
                float[] parameters = run.Start?.Parameters ?? run.Configuration.DrawParameters();
                _trainer.Load(member, parameters, schedule);
                Shown?[member]?.Show(steps: 0, parameters);
            }
        }

        if (_runs[0].Start is not null && _archives[0]?.Resumed is null)
        {
            Take(steps: 0, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <param name="steps">The steps of each run so far.</param>
    /// <param name="begun">When these were begun.</param>
    /// <returns>The steps of each run so far.</returns>
    private long TrainToEvaluation(long steps, long begun)
    {
        long end = Math.Min((steps / Common.EvaluationSteps + 1) * Common.EvaluationSteps, Common.TotalSteps);
        long heldBefore = _held + _saving;
        while (steps < end)
        {
            long before = steps;
            steps += _trainer.Take(steps, end - steps, done =>
            {
                Report(before + done);
                return !Drop.IsCancellationRequested && !IsSavingDueBetween(before + done) && !IsShowingDue;
            });
            if (steps == end)
            {
                break;
            }

            if (IsShowingDue)
            {
                _pace.Take(() => Show(steps));
            }

            if (_archives[0] is not null && (Drop.IsCancellationRequested || IsSavingDueBetween(steps)))
            {
                long since = begun + (_held + _saving - heldBefore);
                Save(steps, _records[0].TrainSeconds + Stopwatch.GetElapsedTime(since).TotalSeconds);
            }

            Drop.ThrowIfCancellationRequested();
        }

        return end;
    }

    private bool IsSavingDue(long steps) => _archives[0] is { } archive
        && (!archive.IsTimed || Stopwatch.GetTimestamp() >= _nextSaving) && archive.IsCheckpointDue(steps);

    /// <summary>Whether runs are written down between two evaluations.</summary>
    private bool IsSavingDueBetween(long steps) => Drop.CanBeCanceled && IsSavingDue(steps);

    private bool IsShowingDue => Shown is not null && _pace.IsDue && Shown.Any(shown => shown?.IsWanted == true);

    /// <summary>Has pages see the networks, which are on the device.</summary>
    private void Show(long steps)
    {
        IReadOnlyList<float[]> networks = _trainer.Store();
        for (int run = 0; run < networks.Count; run++)
        {
            Shown![run]?.Show(steps, networks[run]);
        }
    }

    /// <summary>Writes down every run.</summary>
    /// <param name="steps">The steps of each so far.</param>
    /// <param name="trainSeconds">The time that they were trained so far.</param>
    private void Save(long steps, double trainSeconds)
    {
        long begun = Stopwatch.GetTimestamp();
        IReadOnlyList<TrainingState> states = _trainer.SaveStates();
        ParallelWork.ForEach(Enumerable.Range(0, _runs.Count), Environment.ProcessorCount, run => _archives[run]!.Save(new Checkpoint
        {
            Steps = steps,
            TrainSeconds = trainSeconds,
            EvaluateSeconds = _records[run].EvaluateSeconds,
            TotalSeconds = SecondsOfRun,
            History = _records[run].History.Copy(),
            State = states[run],
        }));
        long saved = Stopwatch.GetTimestamp();
        _saving += saved - begun;
        _nextSaving = saved + CheckpointShare * (saved - begun);
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
