using System.Diagnostics;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>Trains an experiment until an evaluation finds it as good as the article's.</summary>
internal sealed class AccuracyTraining
{
    private const int ArticleMisses = 82;
    private const int ModernMisses = 28;
    private const int ArticleTestDigits = 2007;

    private readonly BenchmarkRequest _request;
    private readonly ExperimentConfiguration _configuration;
    private readonly LoadedData _data;

    private AccuracyTraining(BenchmarkRequest request, ExperimentConfiguration configuration, LoadedData data)
    {
        _request = request;
        _configuration = configuration;
        _data = data;
    }

    /// <summary>Loads the experiment's own digits, before anything else takes time.</summary>
    /// <param name="request">What is benchmarked.</param>
    /// <param name="say">Hears what a user should know.</param>
    /// <param name="interruption">Stops a download.</param>
    /// <exception cref="BadInputException">The digits are not there, or the experiment starts from another.</exception>
    public static AccuracyTraining Prepare(BenchmarkRequest request, Action<string> say, CancellationToken interruption)
    {
        if (request.Configuration.From is { } from)
        {
            throw new BadInputException($"--to-accuracy times a training from drawn weights; {request.Configuration.Experiment} "
                + $"starts from {from}. Name another --config, or leave --to-accuracy out.");
        }

        LoadedData data = DataSets.Load(request.Configuration.Data, request.Data, say, interruption);
        return new AccuracyTraining(request, request.Configuration.On(data), data);
    }

    /// <summary>Trains.</summary>
    /// <param name="notes">Takes why it was left out.</param>
    /// <param name="interruption">Ends it.</param>
    /// <returns>Null where there is nothing to compare with.</returns>
    /// <exception cref="OperationCanceledException">Interrupted before it was reached.</exception>
    public AccuracyMeasurement? Execute(List<string> notes, CancellationToken interruption)
    {
        if (_data.Dataset != DataSets.Mnist || _data.IsValidation || _data.Test.Count != ArticleTestDigits)
        {
            notes.Add(FormattableString.Invariant(
                $"the time to the article's accuracy is left out: its misses are of MNIST's {ArticleTestDigits:N0} test digits, ")
                + FormattableString.Invariant($"these are {_data.Test.Count:N0} of {_data.Dataset}."));
            return null;
        }

        // The article's modern network is its last: ReLU and cross entropy.
        bool isModern = _configuration.Hidden == Activation.Of<ReLU>() && _configuration.Loss == Loss.Of<SoftmaxCrossEntropy>();
        int target = isModern ? ModernMisses : ArticleMisses;
        string source = isModern ? "the modern experiment's mean, rounded up; the article's is 32" : "the article's base experiment";
        using EngineChoice choice = EngineChoice.For(_request.Accelerator, _request.Device, _configuration, _request.Kernels);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        long begun = 0;
        double totalSeconds = 0;
        HistoryEntry? reached = null;
        PlannedRun planned = new(_configuration, _data, choice);
        using RunStation station = new(planned, threads: 0);
        TrainingRun run = station.Ready(planned);
        run.Evaluated += entry =>
        {
            if (reached is null && entry.Test.Misses <= target)
            {
                reached = entry;
                totalSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                enough.Cancel();
            }
        };
        begun = Stopwatch.GetTimestamp();
        RunResult result = run.Execute(enough.Token).Result;
        if (result.Failure is { } failure)
        {
            throw new RunFailedException(failure);
        }

        if (reached is null)
        {
            interruption.ThrowIfCancellationRequested();
            totalSeconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }

        HistoryEntry found = reached ?? result.History.MinBy(entry => entry.Test.Misses)!;
        return new AccuracyMeasurement(
            target,
            source,
            reached is not null,
            found.Test.Misses,
            reached is null ? result.Steps : Steps(found),
            reached?.Seconds ?? result.Seconds.Train,
            totalSeconds,
            _configuration.Seed);
    }

    private long Steps(HistoryEntry entry) => entry.Step ?? (long)entry.Pass!.Value * _configuration.StepsPerPass;
}
