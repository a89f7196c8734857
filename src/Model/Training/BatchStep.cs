using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.Training;

/// <summary>All that sets one step of a batch training apart from the others; a <see cref="StepSchedule"/> makes them.</summary>
public readonly struct BatchStep
{
    /// <summary>Describes a step.</summary>
    /// <param name="start">The first training example of the batch.</param>
    /// <param name="count">How many examples, one or more.</param>
    /// <param name="optimizer">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The step's augmentation and dropout.</param>
    /// <param name="curvatureExamples">On how many examples second derivatives are estimated first; 0 for no estimate.</param>
    internal BatchStep(
        int start, int count, in OptimizerConstants optimizer, in Perturbation perturbation, int curvatureExamples = 0)
    {
        Start = start;
        Count = count;
        Optimizer = optimizer;
        Perturbation = perturbation;
        CurvatureExamples = curvatureExamples;
    }

    /// <summary>The first training example of the batch.</summary>
    public int Start { get; }

    /// <summary>How many examples, one or more.</summary>
    public int Count { get; }

    /// <summary>The optimizer's constants for this step.</summary>
    internal OptimizerConstants Optimizer { get; }

    /// <summary>The step's augmentation and dropout.</summary>
    public Perturbation Perturbation { get; }

    /// <summary>
    /// On how many examples, spread over the training set, the means of second derivatives are estimated before the step; 0 for
    /// no estimate.
    /// </summary>
    internal int CurvatureExamples { get; }
}
