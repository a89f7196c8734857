namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What <c>trainer predict --number --json</c> prints.</summary>
internal sealed record NumbersResult
{
    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The experiment that the model says it comes from.</summary>
    public string? Experiment { get; init; }

    /// <summary>The images, in the order in which they were read.</summary>
    public required IReadOnlyList<NumberPrediction> Images { get; init; }

    /// <inheritdoc cref="PredictionResult.PassedOver"/>
    public IReadOnlyList<string>? PassedOver { get; init; }

    /// <summary>How many images were read wholly right, where the names of files say what is right.</summary>
    public int? Correct { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public required string ParametersSha256 { get; init; }
}
