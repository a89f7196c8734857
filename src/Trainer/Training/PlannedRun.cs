using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>One seed of an experiment that is to be trained.</summary>
/// <param name="Configuration">The configuration, everything resolved.</param>
/// <param name="Data">The digits; shared between runs, never changed.</param>
/// <param name="Choice">What trains it.</param>
internal sealed record PlannedRun(ExperimentConfiguration Configuration, LoadedData Data, EngineChoice Choice)
{
    /// <summary>How long the digits took.</summary>
    public double DataSeconds { get; init; }

    /// <summary>What the run starts from; null for drawn weights.</summary>
    public TrainingStart? Start { get; init; }

    /// <summary>
    /// Of a run that goes on, the kernels of a device that have taken its steps so far, auto where nobody wrote them down; null for a run
    /// that begins.
    /// </summary>
    public KernelChoice? BegunWith { get; init; }

    /// <summary>Examples that the run looks at: forward, backward and a share in a step each.</summary>
    public long Presentations => ExamplesOf(Configuration.TotalSteps);

    /// <summary>Examples that so many steps look at.</summary>
    public long ExamplesOf(long steps) => steps * Configuration.Batch.Of(Configuration.Train);

    /// <summary>What so many examples cost, to compare runs of unequal networks: their multiply-accumulates, forward.</summary>
    public double WorkOf(long examples) => (double)examples * Configuration.Layers.Operations;

    /// <summary>The run as a page is to show it.</summary>
    /// <param name="name">What it is called there.</param>
    /// <param name="isAlone">Whether nothing is trained beside it.</param>
    /// <param name="isAtOnce">Whether a device trains it and others at once: one thread sees to all of them, and mostly waits.</param>
    public LiveRunOrder Shown(string name, bool isAlone, bool isAtOnce = false) => new(name, Configuration, LiveDigits.Of(Data))
    {
        Device = $"{Choice.Accelerator}, {Choice.Device}",
        Cores = Choice.Kind == AcceleratorKind.Cuda && isAtOnce ? 0
            : Choice.Kind == AcceleratorKind.Cuda || EngineChoice.TrainsPerExample(Configuration) || (Choice.RunsInParallel && !isAlone) ? 1
            : Environment.ProcessorCount,
    };

    /// <summary>The same run with another seed.</summary>
    public PlannedRun OfSeed(uint seed) => this with { Configuration = Configuration with { Seed = seed } };

    /// <summary>The same run where it was left.</summary>
    /// <param name="resumed">The checkpoint; null for a run that begins.</param>
    public PlannedRun After(Checkpoint? resumed) => this with
    {
        BegunWith = resumed is null ? null : resumed.Kernels ?? KernelChoice.Auto,
    };

    /// <summary>Whether a trainer that was made for another run trains this one as well: they differ in the seed alone.</summary>
    public bool DiffersInSeedFrom(PlannedRun other) =>
        Choice == other.Choice && BegunWith == other.BegunWith && Data == other.Data
        && OfSeed(other.Configuration.Seed).Configuration == other.Configuration;
}
