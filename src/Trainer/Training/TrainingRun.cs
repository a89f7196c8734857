using System.Diagnostics;
using System.Globalization;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Checkpoints;
using GpuConvnet.Trainer.Configuration;
using GpuConvnet.Trainer.Data;
using GpuConvnet.Trainer.Results;
using GpuConvnet.Trainer.TensorBoard;

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
    private readonly ITrainingEngine _engine;
    private readonly double _compileSeconds;
    private readonly double _dataSeconds;

    /// <summary>Prepares a run.</summary>
    /// <param name="configuration">The configuration, everything resolved.</param>
    /// <param name="data">The digits; shared between runs, never changed.</param>
    /// <param name="choice">What trains, for the result.</param>
    /// <param name="engine">What trains; not used by another run at the same time.</param>
    /// <param name="dataSeconds">How long the digits took.</param>
    /// <param name="compileSeconds">How long the engine took to get ready.</param>
    public TrainingRun(
        ExperimentConfiguration configuration,
        LoadedData data,
        EngineChoice choice,
        ITrainingEngine engine,
        double dataSeconds,
        double compileSeconds)
    {
        _configuration = configuration;
        _data = data;
        _choice = choice;
        _engine = engine;
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
        List<HistoryEntry> history = [.. Resumed?.History ?? []];
        float[]? latest = Resumed?.State.Parameters;
        long latestSteps = Resumed?.Steps ?? 0;
        long lastDone = 0;
        double trainSeconds = Resumed?.TrainSeconds ?? 0;
        double evaluateSeconds = Resumed?.EvaluateSeconds ?? 0;
        double earlierSeconds = Resumed?.TotalSeconds ?? 0;
        string? failure = null;
        long firstStep = started;
        Queue<(long Steps, long Begun, Task<Snapshot> Snapshot)> asked = new();

        void TakeNext()
        {
            (long steps, long begun, Task<Snapshot> task) = asked.Dequeue();
            Snapshot snapshot = task.GetAwaiter().GetResult();

            // A device goes on with the steps that follow as soon as it has evaluated.
            long from = Math.Max(begun, lastDone);
            trainSeconds += Stopwatch.GetElapsedTime(from, snapshot.StepsDone).TotalSeconds;
            evaluateSeconds += Stopwatch.GetElapsedTime(snapshot.StepsDone, snapshot.Done).TotalSeconds;
            HistoryEntry entry = Entry(steps, snapshot, trainSeconds);
            ThrowIfDiverged(entry, steps);
            (latest, latestSteps, lastDone) = (snapshot.Parameters, steps, snapshot.Done);
            history.Add(entry);
            Evaluated(entry);
            Events?.Add(steps, entry, latest);
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
                Steps = latestSteps,
                TrainSeconds = trainSeconds,
                EvaluateSeconds = evaluateSeconds,
                TotalSeconds = earlierSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds,
                History = history,
                State = _engine.SaveState(),
            });
        }

        try
        {
            if (Resumed is null)
            {
                _engine.Begin(
                    Start?.Parameters ?? InitialParameters.Draw(_configuration.Network, _configuration.Seed),
                    _configuration.Seed);
            }
            else
            {
                _engine.Resume(Resumed.State, _configuration.Seed);
            }

            long steps = latestSteps;
            if (Start is not null && Resumed is null)
            {
                asked.Enqueue((steps, Stopwatch.GetTimestamp(), _engine.SnapshotAsync()));
                TakeNext();
            }

            firstStep = Stopwatch.GetTimestamp();
            while (steps < _configuration.TotalSteps && !(steps > 0 && interruption.IsCancellationRequested))
            {
                long begun = Stopwatch.GetTimestamp();
                steps = TrainToEvaluation(steps, started);
                asked.Enqueue((steps, begun, _engine.SnapshotAsync()));
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
        catch (DeviceException lost) when (latest is not null)
        {
            failure = lost.Message;
        }
        catch (DeviceException lost)
        {
            throw new RunFailedException(lost.Message, lost);
        }

        RunResult result = new()
        {
            Experiment = _configuration.Experiment,
            Accelerator = _choice.Accelerator,
            Device = _choice.Device,
            Dataset = _data.Dataset,
            TestedOn = _data.IsValidation ? RunResult.Validation : null,
            Batch = _configuration.Batch,
            Seed = _configuration.Seed,
            From = Start?.From,
            Pretraining = Start?.Pretraining,
            Passes = (int)(latestSteps / _configuration.StepsPerPass),
            Steps = latestSteps,
            Interrupted = latestSteps < _configuration.TotalSteps,
            Failure = failure,
            Seconds = new RunSeconds(
                _dataSeconds,
                _compileSeconds,
                trainSeconds,
                evaluateSeconds,
                _dataSeconds + _compileSeconds + earlierSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds)
            {
                Startup = IsFirst ? (SinceProgramStart() - Stopwatch.GetElapsedTime(firstStep)).TotalSeconds : null,
            },
            Before = Start is null ? null : new BeforeTraining(history[0].Train, history[0].Test),
            Train = history[^1].Train,
            Test = history[^1].Test,
            History = history,
            ParametersSha256 = ParameterBytes.Sha256(latest),
        };
        return new RunOutcome(_configuration, result, latest!);
    }

    /// <summary>Takes the steps up to the next evaluation.</summary>
    /// <returns>The steps of the run so far.</returns>
    private long TrainToEvaluation(long steps, long started)
    {
        int stepsBetweenReports = Math.Max(
            _engine.StepsAtOnce, ExamplesBetweenReports / _configuration.Batch.Of(_data.TrainCount));
        long end = Math.Min(steps + _configuration.EvaluationSteps, _configuration.TotalSteps);
        while (steps < end)
        {
            int count = (int)Math.Min(stepsBetweenReports, end - steps);
            _engine.Train(steps, count);
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

    private HistoryEntry Entry(long steps, Snapshot snapshot, double seconds) => new()
    {
        Pass = _configuration.CountsPasses ? (int)(steps / _configuration.StepsPerPass) : null,
        Step = _configuration.CountsPasses ? null : steps,
        Train = RunEvaluation.Of(snapshot.Train),
        Test = RunEvaluation.Of(snapshot.Test),
        Seconds = seconds,
    };

    private void ThrowIfDiverged(HistoryEntry entry, long steps)
    {
        if (!double.IsFinite(entry.Train.Loss) || !double.IsFinite(entry.Test.Loss))
        {
            if (steps == 0)
            {
                throw new BadInputException(
                    $"The loss of {Start!.From} on these digits is not a number: its weights are far too large. Train it again.");
            }

            throw new RunFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"The training diverged: after {steps:N0} steps the loss is no longer a number. "
                + $"Use a learning rate smaller than {_configuration.Optimizer.LearningRate}."))
            {
                IsDivergence = true,
            };
        }
    }
}
