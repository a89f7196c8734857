using GpuConvnet.Model;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Reference;
using GpuConvnet.Trainer.Configuration;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>The article's way: plain SGD, an example at a time, in the order of the data, on one core.</summary>
internal sealed class PerExampleEngine : ITrainingEngine
{
    private readonly ReferencePath _network;
    private readonly ITrainingSet _training;
    private readonly Examples _test;
    private readonly float _learningRate;

    /// <summary>Prepares the reference path.</summary>
    public PerExampleEngine(ExperimentConfiguration configuration, LoadedData data)
    {
        _network = ReferencePath.Create(configuration.Network);
        _training = data.OpenTraining();
        _test = data.Test;
        _learningRate = (float)configuration.Optimizer.LearningRate;
    }

    /// <summary>Whether an experiment is one that the reference path trains by itself.</summary>
    public static bool Can(ExperimentConfiguration configuration) =>
        configuration is { Batch.Examples: 1, Shift: 0, Dropout: 0, Distortion.IsNone: true }
        && configuration.Optimizer.IsPlainSgd;

    /// <inheritdoc/>
    public string? Note => null;

    /// <inheritdoc/>
    public void Begin(ReadOnlySpan<float> parameters, uint seed) => _network.Load(parameters);

    /// <inheritdoc/>
    public void Train(long first, int count)
    {
        while (count > 0)
        {
            int place = (int)(first % _training.Count);
            Examples block = _training.BlockOf(place, out int index);
            int together = Math.Min(count, Math.Min(_training.Count - place, block.Count - index));
            _network.Train(block, index, together, _learningRate);
            first += together;
            count -= together;
        }
    }

    /// <inheritdoc/>
    public void Finish()
    {
        // Nothing is ever under way here.
    }

    /// <inheritdoc/>
    public Evaluation Evaluate(Split split) => _network.Evaluate(split == Split.Train ? _training.Sample : _test);

    /// <inheritdoc/>
    public void Store(Span<float> parameters) => _network.Store(parameters);

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        (_training as IDisposable)?.Dispose();
    }
}
