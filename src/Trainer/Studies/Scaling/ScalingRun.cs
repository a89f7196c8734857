using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Studies.Scaling;

/// <summary>One finished run: a point of the grid trained with one seed.</summary>
internal sealed record ScalingRun
{
    /// <summary>The network's width.</summary>
    public required double Width { get; init; }

    /// <summary>How many digits it was trained on.</summary>
    public required int Digits { get; init; }

    /// <summary>The seed.</summary>
    public required uint Seed { get; init; }

    /// <summary>The learning rate, where the grid says one per width; otherwise the base's, and the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LearningRate { get; init; }

    /// <summary>True when the loss became no number; there is no evaluation then. Otherwise the key is left out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Diverged { get; init; }

    /// <summary>The time of training alone.</summary>
    public required double Seconds { get; init; }

    /// <summary>How well the network does on the training digits at the end.</summary>
    public RunEvaluation? Train { get; init; }

    /// <summary>How well it does on the digits that it is tested on.</summary>
    public RunEvaluation? Test { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public string? ParametersSha256 { get; init; }
}
