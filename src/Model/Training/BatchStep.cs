using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.Training;

/// <summary>All that sets one step of a batch training apart from the others.</summary>
/// <param name="start">The first training example of the batch.</param>
/// <param name="count">How many examples, one or more.</param>
/// <param name="optimizer">The optimizer's constants for this step.</param>
/// <param name="perturbation">The step's augmentation and dropout.</param>
public readonly struct BatchStep(int start, int count, in OptimizerConstants optimizer, in Perturbation perturbation)
{
    /// <summary>The first training example of the batch.</summary>
    public int Start { get; } = start;

    /// <summary>How many examples, one or more.</summary>
    public int Count { get; } = count;

    /// <summary>The optimizer's constants for this step.</summary>
    public OptimizerConstants Optimizer { get; } = optimizer;

    /// <summary>The step's augmentation and dropout.</summary>
    public Perturbation Perturbation { get; } = perturbation;
}
