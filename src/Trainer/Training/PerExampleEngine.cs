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
    private readonly LoadedData _data;
    private readonly float _learningRate;

    /// <summary>Prepares the reference path.</summary>
    public PerExampleEngine(ExperimentConfiguration configuration, LoadedData data)
    {
        _network = ReferencePath.Create(configuration.Network);
        _data = data;
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
            int start = (int)(first % _data.Train.Count);
            int together = Math.Min(count, _data.Train.Count - start);
            _network.Train(_data.Train, start, together, _learningRate);
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
    public Evaluation Evaluate(Split split) => _network.Evaluate(split == Split.Train ? _data.Train : _data.Test);

    /// <inheritdoc/>
    public void Store(Span<float> parameters) => _network.Store(parameters);

    /// <inheritdoc/>
    public void Dispose() => _network.Dispose();
}
