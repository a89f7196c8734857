namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>One member of an ensemble.</summary>
internal sealed record EnsembleMemberResult
{
    /// <summary>Where it was read from.</summary>
    public required string Source { get; init; }

    /// <summary>The experiment that it says it comes from.</summary>
    public required string Experiment { get; init; }

    /// <summary>The seed that it was trained from, as its file says it; null where it does not.</summary>
    public string? Seed { get; init; }

    /// <summary>How many parameters it has.</summary>
    public required int Parameters { get; init; }

    /// <summary>How well it does on the training digits, when asked for.</summary>
    public RunEvaluation? Train { get; init; }

    /// <summary>How well it does on the digits that it is tested on, when asked for.</summary>
    public RunEvaluation? Test { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public required string ParametersSha256 { get; init; }
}
