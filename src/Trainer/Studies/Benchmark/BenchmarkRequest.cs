using GpuConvnet.Kernels.Training;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>What the user asked to be timed.</summary>
internal sealed record BenchmarkRequest
{
    /// <summary>The experiment whose steps are timed, with the command line's batch.</summary>
    public required ExperimentConfiguration Configuration { get; init; }

    /// <summary>Where.</summary>
    public AcceleratorKind Accelerator { get; init; }

    /// <summary>Which device of that kind, from 0; null for the first.</summary>
    public int? Device { get; init; }

    /// <summary>Which of a device's kernels.</summary>
    public KernelChoice Kernels { get; init; }

    /// <summary>The batches of the curve, ascending; empty for no curve.</summary>
    public required IReadOnlyList<int> CurveBatches { get; init; }

    /// <summary>Whether the user named these batches, and so waits for them.</summary>
    public bool NamesBatches { get; init; }

    /// <summary>How many repeats of each measurement.</summary>
    public required int Repeats { get; init; }

    /// <summary>Whether a rough answer will do.</summary>
    public bool IsQuick { get; init; }

    /// <summary>Whether the experiment is also trained until it is as good as the article's.</summary>
    public bool ToAccuracy { get; init; }

    /// <summary>Where data sets lie, for that.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>Where to save; null for nowhere.</summary>
    public string? Out { get; init; }

    /// <summary>Whether the result is printed as JSON.</summary>
    public bool Json { get; init; }
}
