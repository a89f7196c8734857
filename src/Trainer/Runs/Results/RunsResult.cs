using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What several seeds of one experiment gave: what <c>--runs N --json</c> prints.</summary>
internal sealed record RunsResult
{
    // About 300 bytes each.
    private const int MostEvaluations = 100_000;

    /// <inheritdoc cref="RunResult.Folder"/>
    public string? Folder { get; init; }

    /// <inheritdoc cref="RunResult.Experiment"/>
    public required string Experiment { get; init; }

    /// <inheritdoc cref="RunResult.Accelerator"/>
    public required string Accelerator { get; init; }

    /// <inheritdoc cref="RunResult.Device"/>
    public required string Device { get; init; }

    /// <inheritdoc cref="RunResult.Dataset"/>
    public required string Dataset { get; init; }

    /// <inheritdoc cref="RunResult.TestedOn"/>
    public string? TestedOn { get; init; }

    /// <inheritdoc cref="RunResult.Batch"/>
    public required BatchSize Batch { get; init; }

    /// <inheritdoc cref="RunResult.Interrupted"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; init; }

    /// <summary>The time of all runs: total by the wall clock, the parts summed over the runs, which may overlap.</summary>
    public required RunSeconds Seconds { get; init; }

    /// <summary>The runs in the order of their seeds.</summary>
    public required IReadOnlyList<RunResult> Runs { get; init; }

    /// <summary>Statistics over the runs that came to their end; null when none did.</summary>
    public RunsSummary? Summary { get; init; }

    /// <summary>
    /// The same with so few evaluations per run, the first and the last among them, that a file of ten thousand runs can be read
    /// again. Each run's own folder has more.
    /// </summary>
    [JsonIgnore]
    internal RunsResult Thinned => this with
    {
        Runs = [.. Runs.Select(run => run.Thinned(Math.Max(1, MostEvaluations / Runs.Count)))],
    };

    /// <summary>Whether what a file said has every run that it should have; a list in JSON may hold null.</summary>
    [JsonIgnore]
    internal bool IsWhole => Runs.Count > 0 && Runs.All(run => run is { IsWhole: true });
}
