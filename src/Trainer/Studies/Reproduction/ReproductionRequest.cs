using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;
using GpuConvnet.Trainer.Views.Report;

namespace GpuConvnet.Trainer.Studies.Reproduction;

/// <summary>What the user asked to reproduce.</summary>
internal sealed record ReproductionRequest
{
    /// <summary>The rows.</summary>
    public required IReadOnlyList<ArticleRow> Rows { get; init; }

    /// <summary>What a user should know about the rows; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Which of our answers.</summary>
    public ReproductionEngines Engines { get; init; }

    /// <summary>How many seeds each.</summary>
    public required int Runs { get; init; }

    /// <summary>The first seed.</summary>
    public required uint Seed { get; init; }

    /// <summary>Whether full-batch trainings are cut to <see cref="ReproductionJob.QuickSteps"/> steps.</summary>
    public bool Quick { get; init; }

    /// <summary>Where full batches are trained.</summary>
    public AcceleratorKind Accelerator { get; init; }

    /// <summary>Which device of that kind, from 0; null for the first.</summary>
    public int? Device { get; init; }

    /// <summary>Whether every device of that kind trains, a run each.</summary>
    public bool IsEveryDevice { get; init; }

    /// <summary>The other processes that train; null for none.</summary>
    public Workers? Workers { get; init; }

    /// <summary>Where data sets lie.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>The digits, instead of the configurations'; null for theirs.</summary>
    public DataSet? Dataset { get; init; }

    /// <summary>Where finished runs and the table are kept.</summary>
    public required string Out { get; init; }

    /// <summary>A Python interpreter with PyTorch, to measure it; null for those on the path.</summary>
    public string? Python { get; init; }

    /// <summary>Whether the table is printed as JSON.</summary>
    public bool Json { get; init; }
}
