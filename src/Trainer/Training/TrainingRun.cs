using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model.Ranks;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>
/// The training of one seed: steps, and every so many of them (a pass, as a rule) an evaluation of both splits.
/// </summary>
internal sealed class TrainingRun
{
    // Long enough that looking at the clock costs nothing, short enough for a live progress line.
    private const int ExamplesBetweenReports = 512;

    // Evaluations that may be under way on the device while it is given the next steps.
    private const int MostAsked = 1;

    private readonly PlannedRun _run;
    private readonly ITrainer _trainer;
    private readonly StepSchedule _schedule;
    private readonly double _compileSeconds;
    private readonly IRanks? _ranks;
    private readonly Queue<(long Steps, long Begun, Task<Snapshot> Snapshot)> _asked = new();
    private long _held;

    /// <summary>Prepares a run.</summary>
    /// <param name="run">What to train.</param>
    /// <param name="trainer">What trains; not used by another run at the same time.</param>
    /// <param name="compileSeconds">How long the trainer took to get ready.</param>
    public TrainingRun(PlannedRun run, ITrainer trainer, double compileSeconds)
    {
        _run = run;
        _trainer = trainer;
        _schedule = run.Configuration.Schedule(run.Data.TrainCount);
        _compileSeconds = compileSeconds;
        _ranks = run.Choice.Ranks;
    }

    /// <summary>What saves the run, and says where it was left before; null where it is not saved.</summary>
    public RunArchive? Archive { get; set; }

    /// <summary>
    /// Whether the time from the start of the program to the first step is this run's, and not others' as well.
    /// </summary>
    public bool IsFirst { get; set; }

    /// <summary>What shows the run on a page, and may hold it; null for none.</summary>
    public LiveRun? Live { get; set; }

    /// <summary>
    /// Raised, on the training thread, after every few hundred examples or every step, with the steps of the run so far and
    /// the seconds since it began.
    /// </summary>
    public event Action<long, double>? Trained;

    /// <summary>Raised after every evaluation, of which there is one before training where there is a start.</summary>
    public event Action<HistoryEntry>? Evaluated;

    private ExperimentConfiguration Configuration => _run.Configuration;

    /// <summary>Trains to the end, to the evaluation after the token is cancelled, or to the device's failure.</summary>
    /// <param name="interruption">Ends the run early; what was done is in the outcome.</param>
    /// <exception cref="RunFailedException">
    /// The loss or a parameter is no number any more (what was good before is saved), or the device failed before the first evaluation.
    /// </exception>
    /// <exception cref="OperationCanceledException">Several ranks were interrupted before the first evaluation.</exception>
    public RunOutcome Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        long firstStep = started;
        Checkpoint? resumed = _ranks.Share(Archive?.Resumed, Configuration.ParameterCount);
        RunRecord record = new(_run, resumed) { Kernels = EngineChoice.KernelsOf(_trainer) };
        string? failure = null;
        try
        {
            Begin(record, resumed);
            firstStep = Stopwatch.GetTimestamp();
            Train(record, started, interruption);
        }
        catch (DeviceException lost) when (record.IsEvaluated)
        {
            failure = lost.Message;
        }
        catch (DeviceException lost)
        {
            throw new RunFailedException(lost.Message, lost);
        }
        catch (RunFailedException divergence) when (divergence.IsDivergence && Archive is not null)
        {
            RunOutcome? before = record.IsEvaluated ? Outcome(divergence.Message) : null;
            Archive.Save(new RunDivergence(EvaluationAfter(record.Steps), divergence.Message), before);
            throw before is null ? divergence : new RunFailedException(
                divergence.Message
                + FormattableString.Invariant($" The network of {before.Result.Steps:N0} steps, at the evaluation before, is saved."), divergence)
            {
                IsDivergence = true,
            };
        }

        return Outcome(failure);

        RunOutcome Outcome(string? reason) => record.Outcome(
            _compileSeconds,
            _run.DataSeconds + _compileSeconds + TotalSeconds(started),
            IsFirst ? (SinceProgramStart() - Stopwatch.GetElapsedTime(firstStep)).TotalSeconds : null,
            reason);
    }

    private void Begin(RunRecord record, Checkpoint? resumed)
    {
        if (resumed is not null)
        {
            _trainer.LoadState(resumed.State);
            Live?.Resume(record.History.Entries, record.Steps, resumed.State.Parameters);
            return;
        }

        float[] parameters = _run.Start?.Parameters ?? Configuration.DrawParameters();
        _trainer.Load(parameters);
        Live?.Show(steps: 0, parameters);
        if (_run.Start is not null)
        {
            Ask(steps: 0, Stopwatch.GetTimestamp());
            TakeAnswer(record);
        }
    }

    private void Train(RunRecord record, long started, CancellationToken interruption)
    {
        long steps = record.Steps;
        bool isStopped = false;
        Checkpoint? latest = null;
        while (steps < Configuration.TotalSteps && !isStopped && !IsInterruptedAfter(steps, interruption))
        {
            long begun = Stopwatch.GetTimestamp();
            long heldBefore = _held;
            steps = TrainToEvaluation(steps, started, interruption, out isStopped);
            if (isStopped)
            {
                break;
            }

            // Who was held has not trained.
            Ask(steps, begun + (_held - heldBefore));
            while (_asked.Count > MostAsked || (_asked.Count > 0 && _asked.Peek().Snapshot.IsCompleted))
            {
                TakeAnswer(record);
            }

            if (steps < Configuration.TotalSteps && Archive?.IsCheckpointDue(steps) == true)
            {
                SaveCheckpoint(record, started);
            }

            latest = _ranks is not null && steps < Configuration.TotalSteps && Archive?.IsCheckpointMissing(steps) == true
                ? CheckpointOf(record, started)
                : null;
        }

        TakeAnswers(record);
        if (isStopped)
        {
            // The steps since the last evaluation are dropped; what they went out from is at hand.
            if (latest is not null)
            {
                Archive!.Save(latest);
            }

            if (!record.IsEvaluated)
            {
                throw new OperationCanceledException(interruption);
            }
        }
        else if (Archive?.IsCheckpointMissing(steps) == true && (steps < Configuration.TotalSteps || Configuration.CanBeLengthened))
        {
            // Of a run that came to its end too, where it can be made longer: --resume with more passes goes on from here.
            SaveCheckpoint(record, started);
        }
    }

    /// <summary>Whether a process that is alone ends here. Ranks agree on it step by step.</summary>
    private bool IsInterruptedAfter(long steps, CancellationToken interruption) =>
        _ranks is null && steps > 0 && interruption.IsCancellationRequested;

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="started">When this call began, on <see cref="Stopwatch"/>'s clock.</param>
    /// <param name="interruption">Of several ranks: ends all of them after the step that they are in.</param>
    /// <param name="isStopped">Whether it did.</param>
    /// <returns>The steps of the run so far.</returns>
    private long TrainToEvaluation(long steps, long started, CancellationToken interruption, out bool isStopped)
    {
        int stepsBetweenReports = Math.Max(
            _trainer.StepsAtOnce, ExamplesBetweenReports / Configuration.Batch.Of(_run.Data.TrainCount));

        long end = EvaluationAfter(steps);
        isStopped = false;
        while (steps < end && !isStopped)
        {
            int count = (int)Math.Min(stepsBetweenReports, end - steps);
            _trainer.Take(_schedule.Steps(steps, count));
            steps += count;
            double seconds = Stopwatch.GetElapsedTime(started + _held).TotalSeconds;
            Trained?.Invoke(steps, seconds);
            _held += Live?.Trained(steps, seconds, _trainer) ?? 0;

            // A launcher that was told to end kills its ranks a moment later, so that none waits for the evaluation.
            isStopped = _ranks?.Any(interruption.IsCancellationRequested) == true;
        }

        return steps;
    }

    /// <summary>
    /// The steps at the evaluation that follows some: at multiples, wherever the run begins, so that one that was made longer is evaluated
    /// where a run of that length is; and at the end.
    /// </summary>
    private long EvaluationAfter(long steps) => Math.Min(
        (steps / Configuration.EvaluationSteps + 1) * Configuration.EvaluationSteps, Configuration.TotalSteps);

    private void Ask(long steps, long begun) => _asked.Enqueue((steps, begun, _trainer.SnapshotAsync()));

    private void TakeAnswer(RunRecord record)
    {
        (long steps, long begun, Task<Snapshot> task) = _asked.Dequeue();
        Snapshot snapshot = task.GetAwaiter().GetResult();
        HistoryEntry entry = record.Add(steps, begun, snapshot);
        Evaluated?.Invoke(entry);
        Live?.Evaluated(steps, entry, snapshot.Parameters);
        Archive?.Save(steps, entry, snapshot.Parameters);
    }

    private void TakeAnswers(RunRecord record)
    {
        while (_asked.Count > 0)
        {
            TakeAnswer(record);
        }
    }

    private void SaveCheckpoint(RunRecord record, long started)
    {
        TakeAnswers(record);
        Archive!.Save(CheckpointOf(record, started));
    }

    private Checkpoint CheckpointOf(RunRecord record, long started) => new()
    {
        Steps = record.Steps,
        TrainSeconds = record.TrainSeconds,
        EvaluateSeconds = record.EvaluateSeconds,
        TotalSeconds = TotalSeconds(started),
        History = record.History.Copy(),
        Kernels = record.Kernels,
        State = _trainer.SaveState(),
    };

    private double TotalSeconds(long started) =>
        (Archive?.Resumed?.TotalSeconds ?? 0) + Stopwatch.GetElapsedTime(started + _held).TotalSeconds;

    private static TimeSpan SinceProgramStart()
    {
        using Process program = Process.GetCurrentProcess();
        return DateTime.Now - program.StartTime;
    }
}
