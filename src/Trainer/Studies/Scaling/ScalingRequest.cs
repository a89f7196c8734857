using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>What the user asked the program to measure.</summary>
internal sealed record ScalingRequest
{
    /// <summary>The grid and its base experiment.</summary>
    public required ScalingGridFile Grid { get; init; }

    /// <summary>The digits, instead of the base experiment's; null for those.</summary>
    public DataSet? Dataset { get; init; }

    /// <summary>How many runs a process trains at a time, one core each; null for one per core.</summary>
    public int? Jobs { get; init; }

    /// <summary>The other processes that train; null for none.</summary>
    public Workers? Workers { get; init; }

    /// <summary>Where to train.</summary>
    public AcceleratorKind Accelerator { get; init; }

    /// <summary>Which device of that kind, from 0; null for the first.</summary>
    public int? Device { get; init; }

    /// <summary>Whether every device of that kind trains, a run each.</summary>
    public bool IsEveryDevice { get; init; }

    /// <summary>Where data sets lie.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>Where to save, and to go on from.</summary>
    public required string Out { get; init; }

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool Json { get; init; }
}
