using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Model.Training;

/// <summary>
/// What turns steps into trained parameters, on whatever holds the data: one core, all of them, or a device. Not safe for
/// use by several threads at once.
/// </summary>
public interface ITrainer : IDisposable
{
    /// <summary>What a user should know about how it trains; null for nothing.</summary>
    string? Note => null;

    /// <summary>How many steps are best taken at once; more than one where a step takes no longer than saying so.</summary>
    int StepsAtOnce => 1;

    /// <summary>What it can show of the inside of a step; null where that is not kept.</summary>
    internal IStepTrace? Trace => null;

    /// <summary>Sets the parameters and forgets the optimizer's state: begins a run.</summary>
    /// <param name="parameters">All of the network's: of 1989's 9,760, in the order of <see cref="Network.Parameters"/>.</param>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    void Load(ReadOnlySpan<float> parameters);

    /// <summary>Copies the parameters out.</summary>
    /// <param name="parameters">Room for all of the network's, in their order.</param>
    /// <exception cref="ArgumentException">There is room for more or fewer.</exception>
    void Store(Span<float> parameters);

    /// <summary>Takes up a training where <see cref="SaveState"/> left it.</summary>
    /// <param name="state">What a trainer of the same network and optimizer saved.</param>
    /// <exception cref="ArgumentException">It is of another number of parameters.</exception>
    void LoadState(TrainingState state);

    /// <summary>Copies out everything that the steps to come depend on, once those taken so far are done.</summary>
    TrainingState SaveState();

    /// <summary>
    /// Takes optimizer steps, one after the other, each by the gradient of its batch's mean loss. They may still be under way
    /// on a device when this returns.
    /// </summary>
    /// <param name="steps">The steps.</param>
    /// <exception cref="ArgumentOutOfRangeException">The training set has no such examples, or a step has none.</exception>
    void Take(ReadOnlySpan<BatchStep> steps);

    /// <summary>Waits for the steps taken so far, where they may still be under way when <see cref="Take"/> returns.</summary>
    void Wait()
    {
        // The host's are done.
    }

    /// <summary>The gradient that a step would use.</summary>
    /// <param name="start">The first example of the batch.</param>
    /// <param name="count">How many examples, one or more.</param>
    /// <param name="perturbation">The augmentation and dropout.</param>
    /// <param name="gradient">Room for a value per parameter, in their order: the derivatives of the batch's mean loss.</param>
    /// <exception cref="ArgumentException"><paramref name="gradient"/> has another length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The training set has no such examples, or there are none.</exception>
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
