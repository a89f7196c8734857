using GpuConvnet.Model;
using GpuConvnet.Model.FullBatch;

namespace GpuConvnet.Trainer.Training;

/// <summary>What turns steps into trained parameters; which one does is the command line's choice.</summary>
internal interface ITrainingEngine : IDisposable
{
    /// <summary>What a user should know about how it trains; null for nothing.</summary>
    string? Note { get; }

    /// <summary>Begins a run.</summary>
    /// <param name="parameters">The initial parameters, 9,760.</param>
    /// <param name="seed">The seed of everything random in the run's steps.</param>
    void Begin(ReadOnlySpan<float> parameters, uint seed);

    /// <summary>Takes some steps. They may still be under way on a device when this returns.</summary>
    /// <param name="first">The first step, from 0.</param>
    /// <param name="count">How many.</param>
    void Train(long first, int count);

    /// <summary>Waits until every step taken so far is done.</summary>
    void Finish();

    /// <summary>Loss and misses over a whole split.</summary>
    Evaluation Evaluate(Split split);

    /// <summary>Copies the parameters out.</summary>
    void Store(Span<float> parameters);
}
