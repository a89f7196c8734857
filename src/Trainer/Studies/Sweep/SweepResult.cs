using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>What a sweep gave: what <c>trainer sweep --json</c> prints and <c>sweep.json</c> holds.</summary>
internal sealed record SweepResult
{
    /// <inheritdoc cref="RunResult.Experiment"/>
    public required string Experiment { get; init; }

    /// <summary>What decided these numbers.</summary>
    public required SweepDefinition Definition { get; init; }

    /// <summary>The device's own name.</summary>
    public required string Device { get; init; }

    /// <summary>What points were compared on: always <c>validation</c>.</summary>
    public required string TestedOn { get; init; }

    /// <summary>How many points the sweep has.</summary>
    public required int Points { get; init; }

    /// <summary>True when the sweep was stopped before its end; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; init; }

    /// <summary>The wall-clock time of this call, in seconds; runs that an earlier one finished have no part in it.</summary>
    public required double Seconds { get; init; }

    /// <summary>The points, best first; those of which no run has finished are missing.</summary>
    public required IReadOnlyList<SweepStanding> Ranking { get; init; }

    /// <summary>The best point on the test split; null unless that was asked for.</summary>
    public SweepTest? Test { get; init; }
}
