using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>What the user asked the program to search.</summary>
internal sealed record SweepRequest
{
    /// <summary>What all points have in common, with the number of validation digits and the first run's seed.</summary>
    public required ExperimentConfiguration Configuration { get; init; }

    /// <summary>What the points differ in; at least one.</summary>
    public required IReadOnlyList<SweepAxis> Axes { get; init; }

    /// <summary>How many points to draw at random; null for all of the grid.</summary>
    public int? Random { get; init; }

    /// <summary>The seed of that drawing.</summary>
    public uint SearchSeed { get; init; }

    /// <summary>How many seeds to train a point with.</summary>
    public required int Runs { get; init; }

    /// <summary>Whether only the better half of the points gets twice the seeds, and so on.</summary>
    public bool Halving { get; init; }

    /// <summary>Whether the best point, once found, is trained with fresh seeds and tested on the test split.</summary>
    public bool ThenTest { get; init; }

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

    /// <summary>Where to save, and to go on from; null for nowhere.</summary>
    public string? Out { get; init; }

    /// <summary>What shows the runs on a page; null for none.</summary>
    public LiveBoard? Live { get; init; }

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool Json { get; init; }
}
