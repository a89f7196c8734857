using System.Diagnostics;

namespace GpuConvnet.Model.Training;

/// <summary>How a training stands after the steps that were taken before it was asked for.</summary>
/// <param name="Train">Loss and misses over the training split, without perturbation.</param>
/// <param name="Test">Loss and misses over the test split.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="StepsDone">When the last of the steps was done, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="Done">When the evaluation was done, likewise.</param>
public sealed record Snapshot(Evaluation Train, Evaluation Test, float[] Parameters, long StepsDone, long Done)
{
    /// <summary>Takes a snapshot where the steps are done when they return.</summary>
    /// <param name="trainer">What trains.</param>
    /// <param name="parameterCount">How many parameters there are.</param>
    internal static Snapshot Take(ITrainer trainer, int parameterCount)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        long stepsDone = Stopwatch.GetTimestamp();
        Evaluation train = trainer.Evaluate(Split.Train);
        Evaluation test = trainer.Evaluate(Split.Test);
        float[] parameters = new float[parameterCount];
        trainer.Store(parameters);
        return new Snapshot(train, test, parameters, stepsDone, Stopwatch.GetTimestamp());
    }
}
