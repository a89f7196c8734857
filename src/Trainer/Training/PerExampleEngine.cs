using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>The article's way: an example at a time, in the order of the data, on one core.</summary>
internal sealed class PerExampleEngine : ITrainingEngine
{
    private readonly SimdNetwork _network;
    private readonly ITrainingSet _training;
    private readonly Examples _test;
    private readonly ExperimentConfiguration _configuration;
    private readonly OptimizerOptions _optimizer;
    private readonly LearningRateSchedule _schedule;
    private readonly bool _isPlain;
    private readonly bool _isArticle;
    private ArticlePerturbation? _articlePerturbation;
    private uint _seed;

    /// <summary>Prepares the reference path.</summary>
    public PerExampleEngine(ExperimentConfiguration configuration, LoadedData data)
    {
        _network = SimdNetwork.Create(configuration.Network);
        _training = data.OpenTraining();
        _test = data.Test;
        _configuration = configuration;
        _optimizer = configuration.Optimizer.Options;
        _schedule = configuration.LearningRateSchedule;
        _isArticle = configuration is { RandomNumbers: RandomNumbers.Article, IsPerturbed: true };
        _isPlain = configuration is { Shift: 0, Dropout: 0, Distortion.IsNone: true, Optimizer.IsPlainSgd: true };
    }

    /// <summary>
    /// Whether an experiment is one that the reference path trains by itself. Normalized weights are a matter of the step,
    /// which batches take, be they of one example.
    /// </summary>
    public static bool Can(ExperimentConfiguration configuration) =>
        configuration.Batch == BatchSize.PerExample && !configuration.WeightNormalization;

    /// <inheritdoc/>
    public string? Note => null;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<float> parameters, uint seed)
    {
        _network.Load(parameters);
        Seed(seed);
    }

    /// <inheritdoc/>
    public void Resume(TrainingState state, uint seed)
    {
        _network.LoadState(state);
        Seed(seed);
    }

    /// <inheritdoc/>
    public TrainingState SaveState() => _network.SaveState();

    /// <inheritdoc/>
    public void Train(long first, int count)
    {
        if (_isPlain)
        {
            TrainPlain(first, count);
        }
        else if (_optimizer.Kind == OptimizerKind.Sgd)
        {
            TrainBy<Sgd>((int)first, count);
        }
        else
        {
            TrainBy<Adam>((int)first, count);
        }
    }

    /// <inheritdoc/>
    public Task<Snapshot> SnapshotAsync() => Task.FromResult(Snapshot.Take(
        split => _network.Evaluate(split == Split.Train ? _training.Sample : _test),
        parameters => _network.Store(parameters)));

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        (_training as IDisposable)?.Dispose();
    }

    private void Seed(uint seed)
    {
        _seed = seed;
        _articlePerturbation = _isArticle ? new ArticlePerturbation(seed, _configuration.Shift, _configuration.Dropout) : null;
    }

    private void TrainPlain(long first, int count)
    {
        while (count > 0)
        {
            int place = (int)(first % _training.Count);
            Examples block = _training.BlockOf(place, out int index);
            int together = Math.Min(count, Math.Min(_training.Count - place, block.Count - index));
            _network.Train(block, index, together, (float)_configuration.Optimizer.LearningRate);
            first += together;
            count -= together;
        }
    }

    private void TrainBy<TRule>(int first, int count)
        where TRule : struct, IUpdateRule
    {
        int totalSteps = (int)_configuration.TotalSteps;
        _articlePerturbation?.MoveTo(first);
        for (int step = first; step < first + count; step++)
        {
            Examples block = _training.BlockOf(step % _training.Count, out int index);
            OptimizerConstants constants = new(_optimizer, _schedule.Rate(step, totalSteps), step);
            if (_articlePerturbation is not null)
            {
                _network.Step<TRule>(block, index, constants, _articlePerturbation);
            }
            else
            {
                _network.Step<TRule>(block, index, constants, _configuration.PerturbationOf(_seed, step));
            }
        }
    }
}
