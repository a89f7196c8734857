using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>What a grid gave: what <c>trainer scale --json</c> prints and <c>scaling.json</c> holds.</summary>
internal sealed record ScalingResult
{
    /// <inheritdoc cref="RunResult.Experiment"/>
    public required string Experiment { get; init; }

    /// <summary>The grid.</summary>
    public required ScalingGrid Grid { get; init; }

    /// <summary>What decided these numbers beside the grid.</summary>
    public required ScalingDefinition Definition { get; init; }

    /// <summary>The device's own name.</summary>
    public required string Device { get; init; }

    /// <summary><c>validation</c> where errors are those on held-out training digits; left out for the test split.</summary>
    public string? TestedOn { get; init; }

    /// <summary>How many digits a network is tested on.</summary>
    public required int TestDigits { get; init; }

    /// <summary>How many runs are finished, those of earlier calls included.</summary>
    public required int Runs { get; init; }

    /// <summary>True when the grid was stopped before its end; otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Interrupted { get; init; }

    /// <summary>The wall-clock time of this call, in seconds; runs that an earlier one finished have no part in it.</summary>
    public required double Seconds { get; init; }

    /// <summary>The points, by width and then digits; those of which no run has finished are missing.</summary>
    public required IReadOnlyList<ScalingPoint> Points { get; init; }

    /// <summary>The power laws through them.</summary>
    public required IReadOnlyList<ScalingFit> Fits { get; init; }
}
