using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Trainer.Configuration;

/// <summary>The <c>optimizer</c> of an experiment.</summary>
public sealed record OptimizerConfiguration
{
    /// <summary>The rule.</summary>
    public required OptimizerKind Kind { get; init; }

    /// <summary>The size of a step: positive and finite.</summary>
    public required double LearningRate { get; init; }
}
