using GpuConvnet.Kernels.Training;
using GpuConvnet.Mpi;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Checkpoints;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Training;

/// <summary>What the user asked the program to train.</summary>
internal sealed record TrainingRequest
{
    /// <summary>The experiment, with the command line's changes applied.</summary>
    public required ExperimentConfiguration Configuration { get; init; }

    /// <summary>Where to train.</summary>
    public AcceleratorKind Accelerator { get; init; }

    /// <summary>Which device of that kind, from 0; null for the first.</summary>
    public int? Device { get; init; }

    /// <summary>Whether every device of that kind trains, a run each.</summary>
    public bool IsEveryDevice { get; init; }

    /// <summary>Which kernels a device uses.</summary>
    public KernelChoice Kernels { get; init; }

    /// <summary>How many seeds; null for a single run that is not part of a statistic.</summary>
    public int? Runs { get; init; }

    /// <summary>Whether the seeds are trained at once, each example by example, as an ensemble on a device.</summary>
    public bool IsEnsemble { get; init; }

    /// <summary>Where data sets lie.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>Where to save; null for a new folder in <see cref="RunFolder.DefaultParent"/>.</summary>
    public string? Out { get; init; }

    /// <summary>Whether anything is saved.</summary>
    public bool Saves { get; init; } = true;

    /// <summary>Whether a page about the run is saved with it.</summary>
    public bool WritesReport { get; init; } = true;

    /// <summary>Whether a run that is saved writes files for TensorBoard.</summary>
    public bool WritesEvents { get; init; } = true;

    /// <summary>How often checkpoints are written, and how many are kept.</summary>
    public CheckpointRequest Checkpoints { get; init; } = new(null, CheckpointRequest.DefaultKeep);

    /// <summary>The folder of a run to go on with, and how it was ordered; null for a new run.</summary>
    public (RunFolder Folder, RunOrder Order)? Resume { get; init; }

    /// <summary>Whether a run goes on although what it was begun with has changed since.</summary>
    public bool AcceptsChanges { get; init; }

    /// <summary>Whether the run that is gone on with is made longer, to the length of <see cref="Configuration"/>.</summary>
    public bool IsLengthened { get; init; }

    /// <summary>The ranks that train together; null for a process that is alone.</summary>
    public MpiWorld? World { get; init; }

    /// <summary>The other ranks, where each trains whole runs; null for none.</summary>
    public Workers? Workers { get; init; }

    /// <summary>What shows the training on a page; null for none.</summary>
    public LiveBoard? Live { get; init; }

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Whether only the last evaluation is printed.</summary>
    public bool Quiet { get; init; }
}
