using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>One finished run of a sweep: a point trained with one seed.</summary>
internal sealed record SweepRun
{
    /// <summary>The point's number, from 1.</summary>
    public required int Point { get; init; }

    /// <summary>What the point sets, by JSON path.</summary>
    public required JsonObject Settings { get; init; }

    /// <summary>The seed.</summary>
    public required uint Seed { get; init; }

    /// <summary>True when the loss became no number; there is no evaluation then. Otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Diverged { get; init; }

    /// <summary>The time of training alone.</summary>
    public required double Seconds { get; init; }

    /// <summary>How well the network does on the training digits at the end.</summary>
    public RunEvaluation? Train { get; init; }

    /// <summary>How well it does on the validation digits; null in a run that was tested on the test split.</summary>
    public RunEvaluation? Validation { get; init; }

    /// <summary>How well it does on the test split; null in all runs of the search.</summary>
    public RunEvaluation? Test { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public string? ParametersSha256 { get; init; }
}
