using System.Diagnostics;
using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Reference;
using GpuConvnet.Trainer.Configuration;
using GpuConvnet.Trainer.Data;
using GpuConvnet.Trainer.Results;

namespace GpuConvnet.Trainer.Training;

/// <summary>The training of one seed: pass after pass, each followed by an evaluation of both splits.</summary>
internal sealed class TrainingRun
{
    // Long enough that looking at the clock costs nothing, short enough for a live progress line.
    private const int ExamplesBetweenReports = 512;

    private readonly ExperimentConfiguration _configuration;
    private readonly LoadedData _data;
    private readonly EngineChoice _engine;
    private readonly double _dataSeconds;

    /// <summary>Prepares a run.</summary>
    /// <param name="configuration">The configuration, everything resolved.</param>
    /// <param name="data">The digits; shared between runs, never changed.</param>
    /// <param name="engine">What trains.</param>
    /// <param name="dataSeconds">How long the digits took.</param>
    public TrainingRun(ExperimentConfiguration configuration, LoadedData data, EngineChoice engine, double dataSeconds)
    {
        _configuration = configuration;
        _data = data;
        _engine = engine;
        _dataSeconds = dataSeconds;
    }

    /// <summary>Called, on the training thread, after every few hundred examples, with the steps of the run so far and
    /// the seconds spent training.</summary>
    public Action<long, double> Trained { get; init; } = (_, _) => { };

    /// <summary>Called after every evaluation.</summary>
    public Action<HistoryEntry> Evaluated { get; init; } = _ => { };

    /// <summary>Trains to the end, or to the end of the pass in which the token is cancelled.</summary>
    /// <param name="interruption">Ends the run early; what was done is in the outcome.</param>
    /// <exception cref="RunFailedException">The loss is no number any more.</exception>
    public RunOutcome Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        Stopwatch training = new();
        Stopwatch evaluating = new();
        float learningRate = (float)_configuration.Optimizer.LearningRate;
        long totalSteps = _configuration.TotalSteps;

        using ReferencePath network = ReferencePath.Create(_configuration.Network);
        network.Load(InitialParameters.Draw(_configuration.Network, _configuration.Seed));
        double compileSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

        List<HistoryEntry> history = [];
        long steps = 0;
        while (steps < totalSteps && !(history.Count > 0 && interruption.IsCancellationRequested))
        {
            int passSteps = (int)Math.Min(_data.Train.Count, totalSteps - steps);
            for (int start = 0; start < passSteps; start += ExamplesBetweenReports)
            {
                int count = Math.Min(ExamplesBetweenReports, passSteps - start);
                training.Start();
                network.Train(_data.Train, start, count, learningRate);
                training.Stop();
                Trained(steps + start + count, training.Elapsed.TotalSeconds);
            }

            steps += passSteps;
            evaluating.Start();
            Evaluation train = network.Evaluate(_data.Train);
            Evaluation test = network.Evaluate(_data.Test);
            evaluating.Stop();
            HistoryEntry entry = Entry(steps, train, test, training.Elapsed.TotalSeconds);
            ThrowIfDiverged(entry, steps);
            history.Add(entry);
            Evaluated(entry);
        }

        float[] parameters = new float[Parameters.Count];
        network.Store(parameters);
        RunResult result = new()
        {
            Experiment = _configuration.Experiment,
            Accelerator = _engine.Accelerator,
            Device = _engine.Device,
            Dataset = _data.Dataset,
            Batch = _configuration.Batch,
            Seed = _configuration.Seed,
            Passes = (int)(steps / _data.Train.Count),
            Steps = steps,
            Interrupted = steps < totalSteps,
            Seconds = new RunSeconds(
                _dataSeconds,
                compileSeconds,
                training.Elapsed.TotalSeconds,
                evaluating.Elapsed.TotalSeconds,
                _dataSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds),
            Train = history[^1].Train,
            Test = history[^1].Test,
            History = history,
            ParametersSha256 = ParameterBytes.Sha256(parameters),
        };
        return new RunOutcome(_configuration, result, parameters);
    }

    private HistoryEntry Entry(long steps, Evaluation train, Evaluation test, double seconds) => new()
    {
        Pass = _configuration.Steps is null ? (int)(steps / _data.Train.Count) : null,
        Step = _configuration.Steps is null ? null : steps,
        Train = RunEvaluation.Of(train),
        Test = RunEvaluation.Of(test),
        Seconds = seconds,
    };

    private void ThrowIfDiverged(HistoryEntry entry, long steps)
    {
        if (!double.IsFinite(entry.Train.Loss) || !double.IsFinite(entry.Test.Loss))
        {
            throw new RunFailedException(string.Create(
                CultureInfo.InvariantCulture,
                $"The training diverged: after {steps:N0} steps the loss is no longer a number. "
                + $"Use a learning rate smaller than {_configuration.Optimizer.LearningRate}."));
        }
    }
}
