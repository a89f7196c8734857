using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Runs.TensorBoard;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>The training of one seed: steps, and every so many of them (a pass, as a rule) an evaluation of both splits.</summary>
internal sealed class TrainingRun
{
    // Long enough that looking at the clock costs nothing, short enough for a live progress line.
    private const int ExamplesBetweenReports = 512;

    // Evaluations that may be under way on the device while it is given the next steps.
    private const int MostAsked = 1;

    private readonly ExperimentConfiguration _configuration;
    private readonly LoadedData _data;
    private readonly EngineChoice _choice;
    private readonly ITrainer _trainer;
    private readonly StepSchedule _schedule;
    private readonly double _compileSeconds;
    private readonly double _dataSeconds;

    /// <summary>Prepares a run.</summary>
    /// <param name="configuration">The configuration, everything resolved.</param>
    /// <param name="data">The digits; shared between runs, never changed.</param>
    /// <param name="choice">What trains, for the result.</param>
    /// <param name="trainer">What trains; not used by another run at the same time.</param>
    /// <param name="dataSeconds">How long the digits took.</param>
    /// <param name="compileSeconds">How long the trainer took to get ready.</param>
    public TrainingRun(
        ExperimentConfiguration configuration,
        LoadedData data,
        EngineChoice choice,
        ITrainer trainer,
        double dataSeconds,
        double compileSeconds)
    {
        _configuration = configuration;
        _data = data;
        _choice = choice;
        _trainer = trainer;
        _schedule = configuration.Schedule(data.TrainCount);
        _dataSeconds = dataSeconds;
        _compileSeconds = compileSeconds;
    }

    /// <summary>What the run starts from; null for drawn weights.</summary>
    public TrainingStart? Start { get; init; }

    /// <summary>Where its checkpoints go; null for nowhere.</summary>
    public CheckpointFolder? Checkpoints { get; init; }

    /// <summary>What shows the run in TensorBoard; null for nothing.</summary>
    public RunEvents? Events { get; init; }

    /// <summary>Where it was left before; null for a run that begins.</summary>
    public Checkpoint? Resumed { get; init; }

    /// <summary>Whether the time from the start of the program to the first step is this run's, and not others' as well.</summary>
    public bool IsFirst { get; init; }

    /// <summary>
    /// Called, on the training thread, after every few hundred examples or every step, with the steps of the run so far
    /// and the seconds since it began.
    /// </summary>
    public Action<long, double> Trained { get; init; } = (_, _) => { };

    /// <summary>Called after every evaluation, of which there is one before training where there is a start.</summary>
    public Action<HistoryEntry> Evaluated { get; init; } = _ => { };

    /// <summary>Trains to the end, to the evaluation after the token is cancelled, or to the device's failure.</summary>
    /// <param name="interruption">Ends the run early; what was done is in the outcome.</param>
    /// <exception cref="RunFailedException">
    /// The loss is no number any more, or the device failed before the first evaluation.
    /// </exception>
    public RunOutcome Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        RunRecord record = new(_configuration, _data, _choice, Start, Resumed);
        double earlierSeconds = Resumed?.TotalSeconds ?? 0;
        string? failure = null;
        long firstStep = started;
        Queue<(long Steps, long Begun, Task<Snapshot> Snapshot)> asked = new();

        void TakeNext()
        {
            (long steps, long begun, Task<Snapshot> task) = asked.Dequeue();
            Snapshot snapshot = task.GetAwaiter().GetResult();

            HistoryEntry entry = record.Add(steps, begun, snapshot);
            Evaluated(entry);
            Events?.Add(steps, entry, snapshot.Parameters);
        }

        void TakeAll()
        {
            while (asked.Count > 0)
            {
                TakeNext();
            }
        }

        void SaveCheckpoint()
        {
            TakeAll();
            Checkpoints!.Save(new Checkpoint
            {
                Steps = record.Steps,
                TrainSeconds = record.TrainSeconds,
                EvaluateSeconds = record.EvaluateSeconds,
                TotalSeconds = earlierSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds,
                History = record.History,
                State = _trainer.SaveState(),
            });
        }

        try
        {
            if (Resumed is null)
            {
                _trainer.Load(
                    Start?.Parameters ?? InitialParameters.Draw(_configuration.Network, _configuration.Seed));
            }
            else
            {
                _trainer.LoadState(Resumed.State);
            }

            long steps = record.Steps;
            if (Start is not null && Resumed is null)
            {
                asked.Enqueue((steps, Stopwatch.GetTimestamp(), _trainer.SnapshotAsync()));
                TakeNext();
            }

            firstStep = Stopwatch.GetTimestamp();
            while (steps < _configuration.TotalSteps && !(steps > 0 && interruption.IsCancellationRequested))
            {
                long begun = Stopwatch.GetTimestamp();
                steps = TrainToEvaluation(steps, started);
                asked.Enqueue((steps, begun, _trainer.SnapshotAsync()));
                while (asked.Count > MostAsked || (asked.Count > 0 && asked.Peek().Snapshot.IsCompleted))
                {
                    TakeNext();
                }

                if (steps < _configuration.TotalSteps && Checkpoints?.IsDue(steps) == true)
                {
                    SaveCheckpoint();
                }
            }

            TakeAll();
            if (steps < _configuration.TotalSteps && Checkpoints is { IsOn: true } && Checkpoints.LastSteps != steps)
            {
                SaveCheckpoint();
            }
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
            _dataSeconds,
            _compileSeconds,
            _dataSeconds + _compileSeconds + earlierSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds,
            IsFirst ? (SinceProgramStart() - Stopwatch.GetElapsedTime(firstStep)).TotalSeconds : null,
            failure);
    }

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <returns>The steps of the run so far.</returns>
    private long TrainToEvaluation(long steps, long started)
    {
        int stepsBetweenReports = Math.Max(
            _trainer.StepsAtOnce, ExamplesBetweenReports / _configuration.Batch.Of(_data.TrainCount));
        long end = Math.Min(steps + _configuration.EvaluationSteps, _configuration.TotalSteps);
        while (steps < end)
        {
            int count = (int)Math.Min(stepsBetweenReports, end - steps);
            _trainer.Take(_schedule.Steps(steps, count));
            steps += count;
            Trained(steps, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return steps;
    }

    private static TimeSpan SinceProgramStart()
    {
        using Process program = Process.GetCurrentProcess();
        return DateTime.Now - program.StartTime;
    }
}
