using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.Training;

/// <summary>
/// Trains by the mean gradient of many examples at a time, on whatever holds the data: the host, or a device.
/// </summary>
public interface IBatchTrainer : IDisposable
{
    /// <summary>Sets the parameters and forgets the optimizer's state.</summary>
    /// <param name="parameters">9,760 values in the order of <see cref="Network.Parameters"/>.</param>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>Copies the parameters out.</summary>
    /// <param name="parameters">Room for 9,760 values in the order of <see cref="Network.Parameters"/>.</param>
    void Store(Span<float> parameters);

    /// <summary>Takes up a training where <see cref="SaveState"/> left it.</summary>
    /// <param name="state">What a trainer of the same network and optimizer saved.</param>
    void LoadState(TrainingState state);

    /// <summary>Copies out everything that the steps to come depend on, once those taken so far are done.</summary>
    TrainingState SaveState();

    /// <summary>One optimizer step by the gradient of the mean loss over training examples start .. start+count-1.</summary>
    /// <param name="start">The first example of the batch.</param>
    /// <param name="count">How many examples, one or more.</param>
    /// <param name="step">The optimizer's constants for this step.</param>
    /// <param name="perturbation">The step's augmentation and dropout.</param>
    void Step(int start, int count, in OptimizerConstants step, in Perturbation perturbation);

    /// <summary>Optimizer steps one after the other.</summary>
    /// <param name="steps">The steps.</param>
    void TakeSteps(ReadOnlySpan<BatchStep> steps)
    {
        foreach (BatchStep step in steps)
        {
            Step(step.Start, step.Count, step.Optimizer, step.Perturbation);
        }
    }

    /// <summary>How many steps are best taken at once; more than one where a step takes no longer than saying so.</summary>
    int StepsAtOnce => 1;

    /// <summary>Waits for the steps taken so far, where they may still be under way when <see cref="Step"/> returns.</summary>
    void Wait()
    {
        // The host's are done.
    }

    /// <summary>The gradient that <see cref="Step"/> would use.</summary>
    /// <param name="start">The first example of the batch.</param>
    /// <param name="count">How many examples, one or more.</param>
    /// <param name="perturbation">The augmentation and dropout.</param>
    /// <param name="gradient">Room for 9,760 values.</param>
    void Gradient(int start, int count, in Perturbation perturbation, Span<float> gradient);

    /// <summary>Loss and misses over a whole split, or the training set's sample, without perturbation.</summary>
    /// <param name="split">Which split.</param>
    Evaluation Evaluate(Split split);

    /// <summary>
    /// Asks how the training stands after the steps taken so far. Further steps may be taken before the answer is there,
    /// and do not change it; a device does not stand still for it.
    /// </summary>
    /// <returns>The answer, or the device's failure.</returns>
    Task<Snapshot> SnapshotAsync();
}
