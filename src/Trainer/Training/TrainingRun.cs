using System.Diagnostics;
using System.Globalization;
using GpuConvnet.Model;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Configuration;
using GpuConvnet.Trainer.Data;
using GpuConvnet.Trainer.Results;

namespace GpuConvnet.Trainer.Training;

/// <summary>The training of one seed: steps, and every so many of them (a pass, as a rule) an evaluation of both splits.</summary>
internal sealed class TrainingRun
{
    // Long enough that looking at the clock costs nothing, short enough for a live progress line.
    private const int ExamplesBetweenReports = 512;

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

    /// <summary>Called, on the training thread, after every few hundred examples or every step, with the steps of the run so far and
    /// the seconds spent training.</summary>
    public Action<long, double> Trained { get; init; } = (_, _) => { };

    /// <summary>Called after every evaluation, of which there is one before training where there is a start.</summary>
    public Action<HistoryEntry> Evaluated { get; init; } = _ => { };

    /// <summary>Trains to the end, or to the evaluation after the token is cancelled.</summary>
    /// <param name="interruption">Ends the run early; what was done is in the outcome.</param>
    /// <exception cref="RunFailedException">The loss is no number any more.</exception>
    public RunOutcome Execute(CancellationToken interruption)
    {
        long started = Stopwatch.GetTimestamp();
        Stopwatch training = new();
        Stopwatch evaluating = new();
        long totalSteps = _configuration.TotalSteps;
        int stepsBetweenReports = Math.Max(1, ExamplesBetweenReports / _configuration.Batch.Of(_data.Train.Count));
        _engine.Begin(
            Start?.Parameters ?? InitialParameters.Draw(_configuration.Network, _configuration.Seed), _configuration.Seed);

        List<HistoryEntry> history = [];
        long steps = 0;
        if (Start is not null)
        {
            EvaluateNow();
        }

        while (steps < totalSteps && !(steps > 0 && interruption.IsCancellationRequested))
        {
            long evaluationStep = Math.Min(steps + _configuration.EvaluationSteps, totalSteps);
            while (steps < evaluationStep)
            {
                int count = (int)Math.Min(stepsBetweenReports, evaluationStep - steps);
                training.Start();
                _engine.Train(steps, count);
                if (steps + count == evaluationStep)
                {
                    _engine.Finish();
                }

                training.Stop();
                steps += count;
                Trained(steps, training.Elapsed.TotalSeconds);
            }

            EvaluateNow();
        }

        void EvaluateNow()
        {
            evaluating.Start();
            Evaluation train = _engine.Evaluate(Split.Train);
            Evaluation test = _engine.Evaluate(Split.Test);
            evaluating.Stop();
            HistoryEntry entry = Entry(steps, train, test, training.Elapsed.TotalSeconds);
            ThrowIfDiverged(entry, steps);
            history.Add(entry);
            Evaluated(entry);
        }

        float[] parameters = new float[Parameters.Count];
        _engine.Store(parameters);
        RunResult result = new()
        {
            Experiment = _configuration.Experiment,
            Accelerator = _choice.Accelerator,
            Device = _choice.Device,
            Dataset = _data.Dataset,
            Batch = _configuration.Batch,
            Seed = _configuration.Seed,
            From = Start?.From,
            Pretraining = Start?.Pretraining,
            Passes = (int)(steps / _configuration.StepsPerPass),
            Steps = steps,
            Interrupted = steps < totalSteps,
            Seconds = new RunSeconds(
                _dataSeconds,
                _compileSeconds,
                training.Elapsed.TotalSeconds,
                evaluating.Elapsed.TotalSeconds,
                _dataSeconds + _compileSeconds + Stopwatch.GetElapsedTime(started).TotalSeconds),
            Before = Start is null ? null : new BeforeTraining(history[0].Train, history[0].Test),
            Train = history[^1].Train,
            Test = history[^1].Test,
            History = history,
            ParametersSha256 = ParameterBytes.Sha256(parameters),
        };
        return new RunOutcome(_configuration, result, parameters);
    }

    private HistoryEntry Entry(long steps, Evaluation train, Evaluation test, double seconds) => new()
    {
        Pass = _configuration.Steps is null ? (int)(steps / _configuration.StepsPerPass) : null,
        Step = _configuration.Steps is null ? null : steps,
        Train = RunEvaluation.Of(train),
        Test = RunEvaluation.Of(test),
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
                + $"Use a learning rate smaller than {_configuration.Optimizer.LearningRate}."));
        }
    }
}
