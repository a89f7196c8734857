namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>
/// How well a saved model does: what <c>trainer eval --json</c> prints, and <c>trainer ensemble</c> prints and saves.
/// </summary>
internal sealed record ModelEvaluation
{
    /// <summary>Where the model was saved, by the command that made it.</summary>
    public string? Model { get; init; }

    /// <summary>The experiment that the model says it comes from.</summary>
    public string? Experiment { get; init; }

    /// <summary>The digits it was evaluated on.</summary>
    public required string Dataset { get; init; }

    /// <inheritdoc cref="RunResult.TestedOn"/>
    public string? TestedOn { get; init; }

    /// <summary>How well it does on the training digits, when asked for.</summary>
    public RunEvaluation? Train { get; init; }

    /// <summary>How well it does on the test digits, when asked for.</summary>
    public RunEvaluation? Test { get; init; }

    /// <summary>Of an ensemble its members, and how well each does; null of a single network.</summary>
    public EnsembleSummary? Ensemble { get; init; }

    /// <summary>How the errors fall as doubtful digits are rejected, when asked for.</summary>
    public ModelRejection? Rejection { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public required string ParametersSha256 { get; init; }
}
