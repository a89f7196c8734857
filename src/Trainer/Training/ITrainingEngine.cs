using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;

namespace GpuConvnet.Trainer.Training;

/// <summary>What turns steps into trained parameters; which one does is the command line's choice.</summary>
internal interface ITrainingEngine : IDisposable
{
    /// <summary>What a user should know about how it trains; null for nothing.</summary>
    string? Note { get; }

    /// <summary>How many steps are best taken at once; more than one where a step takes no longer than saying so.</summary>
    int StepsAtOnce => 1;

    /// <summary>Begins a run.</summary>
    /// <param name="parameters">The initial parameters, 9,760.</param>
    /// <param name="seed">The seed of everything random in the run's steps.</param>
    void Begin(ReadOnlySpan<float> parameters, uint seed);

    /// <summary>Goes on with a run that was begun before, with the same seed.</summary>
    /// <param name="state">What <see cref="SaveState"/> gave; the next step is the one that would have followed.</param>
    /// <param name="seed">The seed of everything random in the run's steps.</param>
    void Resume(TrainingState state, uint seed);

    /// <summary>Everything that the steps to come depend on, once those taken so far are done.</summary>
    /// <exception cref="Kernels.Accelerators.DeviceException">The device failed.</exception>
    TrainingState SaveState();

    /// <summary>Takes some steps. They may still be under way on a device when this returns.</summary>
    /// <param name="first">The first step, from 0.</param>
    /// <param name="count">How many.</param>
    void Train(long first, int count);

    /// <summary>
    /// Asks how the training stands after the steps taken so far. Further steps may be taken before the answer is there,
    /// and do not change it.
    /// </summary>
    /// <returns>The answer, or the <see cref="Kernels.Accelerators.DeviceException"/> of a device that failed.</returns>
    Task<Snapshot> SnapshotAsync();
}
