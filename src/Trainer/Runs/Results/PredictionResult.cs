namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What <c>trainer predict --json</c> prints.</summary>
internal sealed record PredictionResult
{
    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>The experiment that the model says it comes from.</summary>
    public string? Experiment { get; init; }

    /// <summary>The images, in the order in which they were read.</summary>
    public required IReadOnlyList<ImagePrediction> Images { get; init; }

    /// <summary>Files of folders that are no images that can be read; null where there are none.</summary>
    public IReadOnlyList<string>? PassedOver { get; init; }

    /// <summary>The margin that an answer needs, when <c>--reject-below</c> was given.</summary>
    public double? RejectBelow { get; init; }

    /// <summary>How many members of an ensemble are enough to say otherwise, when <c>--reject-dissent</c> was given.</summary>
    public int? RejectDissent { get; init; }

    /// <summary>How many of them have an answer.</summary>
    public int Answered { get; init; }

    /// <summary>How many were read, and refused; null where nothing is to be.</summary>
    public int? Refused { get; init; }

    /// <summary>How many of the answers are right, where the names of files say what is right.</summary>
    public int? Correct { get; init; }

    /// <summary>The right answers in percent of all images; an image without an answer counts as wrong.</summary>
    public double? AccuracyPercent { get; init; }

    /// <inheritdoc cref="RunResult.ParametersSha256"/>
    public required string ParametersSha256 { get; init; }
}
