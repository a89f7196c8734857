using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Views.Errors;

/// <summary>What <c>trainer errors --json</c> prints.</summary>
internal sealed record ErrorReport
{
    /// <summary>The experiment that the model says it comes from.</summary>
    public string? Experiment { get; init; }

    /// <summary>The digits it was evaluated on.</summary>
    public required string Dataset { get; init; }

    /// <summary>Which of them: <c>train</c> or <c>test</c>.</summary>
    public required string Split { get; init; }

    /// <summary>How well the model does, as <c>trainer eval</c> has it.</summary>
    public required RunEvaluation Evaluation { get; init; }

    /// <summary>Every misclassified digit, the most confident mistake first.</summary>
    public required IReadOnlyList<MisclassifiedDigit> Misclassified { get; init; }

    /// <summary>(10, 10): how many examples of the row's digit were taken for the column's.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>The full path of the picture.</summary>
    public required string Picture { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public required string ParametersSha256 { get; init; }
}
