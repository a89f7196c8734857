using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;

namespace GpuConvnet.Trainer.Studies.Timeline;

/// <summary>What the user asked of the timeline.</summary>
internal sealed record TimelineRequest
{
    /// <summary>The rows.</summary>
    public required IReadOnlyList<TimelineRow> Rows { get; init; }

    /// <summary>What a user should know about the rows; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>How many seeds each.</summary>
    public required int Runs { get; init; }

    /// <summary>The first seed.</summary>
    public required uint Seed { get; init; }

    /// <summary>Where batches are trained; what goes example by example trains on a core each.</summary>
    public AcceleratorKind Accelerator { get; init; }

    /// <summary>Which device of that kind, from 0; null for the first.</summary>
    public int? Device { get; init; }

    /// <summary>Whether every device of that kind trains, a run each.</summary>
    public bool IsEveryDevice { get; init; }

    /// <summary>Where data sets lie.</summary>
    public required DataFolder Data { get; init; }

    /// <summary>The digits, instead of the configurations'; null for theirs.</summary>
    public DataSet? Dataset { get; init; }

    /// <summary>Where finished runs, table and picture are kept.</summary>
    public required string Out { get; init; }

    /// <summary>Whether the table is printed as JSON.</summary>
    public bool Json { get; init; }
}
