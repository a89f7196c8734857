using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model.Training;
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
    private readonly Queue<(long Steps, long Begun, Task<Snapshot> Snapshot)> _asked = new();

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
    }

    /// <summary>What saves the run, and says where it was left before; null where it is not saved.</summary>
    public RunArchive? Archive { get; set; }

    /// <summary>
    /// Whether the time from the start of the program to the first step is this run's, and not others' as well.
    /// </summary>
    public bool IsFirst { get; set; }

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
    /// The loss is no number any more, or the device failed before the first evaluation.
    /// </exception>
    public RunOutcome Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        long firstStep = started;
        Checkpoint? resumed = Archive?.Resumed;
        RunRecord record = new(_run, resumed);
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

        return record.Outcome(
            _compileSeconds,
            _run.DataSeconds + _compileSeconds + TotalSeconds(started),
            IsFirst ? (SinceProgramStart() - Stopwatch.GetElapsedTime(firstStep)).TotalSeconds : null,
            failure);
    }

    private void Begin(RunRecord record, Checkpoint? resumed)
    {
        if (resumed is not null)
        {
            _trainer.LoadState(resumed.State);
            return;
        }

        _trainer.Load(_run.Start?.Parameters ?? Configuration.DrawParameters());
        if (_run.Start is not null)
        {
            Ask(steps: 0, Stopwatch.GetTimestamp());
            TakeAnswer(record);
        }
    }

    private void Train(RunRecord record, long started, CancellationToken interruption)
    {
        long steps = record.Steps;
        while (steps < Configuration.TotalSteps && !(steps > 0 && interruption.IsCancellationRequested))
        {
            long begun = Stopwatch.GetTimestamp();
            steps = TrainToEvaluation(steps, started);
            Ask(steps, begun);
            while (_asked.Count > MostAsked || (_asked.Count > 0 && _asked.Peek().Snapshot.IsCompleted))
            {
                TakeAnswer(record);
            }

            if (steps < Configuration.TotalSteps && Archive?.IsCheckpointDue(steps) == true)
            {
                SaveCheckpoint(record, started);
            }
        }

        TakeAnswers(record);
        if (steps < Configuration.TotalSteps && Archive?.IsCheckpointMissing(steps) == true)
        {
            SaveCheckpoint(record, started);
        }
    }

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <returns>The steps of the run so far.</returns>
    private long TrainToEvaluation(long steps, long started)
    {
        int stepsBetweenReports = Math.Max(
            _trainer.StepsAtOnce, ExamplesBetweenReports / Configuration.Batch.Of(_run.Data.TrainCount));
        long end = Math.Min(steps + Configuration.EvaluationSteps, Configuration.TotalSteps);
        while (steps < end)
        {
            int count = (int)Math.Min(stepsBetweenReports, end - steps);
            _trainer.Take(_schedule.Steps(steps, count));
            steps += count;
            Trained?.Invoke(steps, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return steps;
    }

    private void Ask(long steps, long begun) => _asked.Enqueue((steps, begun, _trainer.SnapshotAsync()));

    private void TakeAnswer(RunRecord record)
    {
        (long steps, long begun, Task<Snapshot> task) = _asked.Dequeue();
        Snapshot snapshot = task.GetAwaiter().GetResult();
        HistoryEntry entry = record.Add(steps, begun, snapshot);
        Evaluated?.Invoke(entry);
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
        Archive!.Save(new Checkpoint
        {
            Steps = record.Steps,
            TrainSeconds = record.TrainSeconds,
            EvaluateSeconds = record.EvaluateSeconds,
            TotalSeconds = TotalSeconds(started),
            History = record.History,
            State = _trainer.SaveState(),
        });
    }

    private double TotalSeconds(long started) =>
        (Archive?.Resumed?.TotalSeconds ?? 0) + Stopwatch.GetElapsedTime(started).TotalSeconds;

    private static TimeSpan SinceProgramStart()
    {
        using Process program = Process.GetCurrentProcess();
        return DateTime.Now - program.StartTime;
    }
}
