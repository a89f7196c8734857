namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What a network takes a digit of a number for.</summary>
internal sealed record DigitPrediction
{
    /// <summary>The answer; null where it was refused.</summary>
    public int? Digit { get; init; }

    /// <summary>
    /// What the answer would have been, where it was refused: for a margin below <c>--reject-below</c>, or by <c>--reject-dissent</c>.
    /// </summary>
    public int? Refused { get; init; }

    /// <summary>What it is next to the answer.</summary>
    public required int RunnerUp { get; init; }

    /// <summary>How probable the answer is, from 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <inheritdoc cref="ImagePrediction.Margin"/>
    public required double Margin { get; init; }

    /// <inheritdoc cref="ImagePrediction.Dissent"/>
    public int? Dissent { get; init; }

    /// <inheritdoc cref="ImagePrediction.Box"/>
    public required PictureBox Box { get; init; }

    /// <inheritdoc cref="ImagePrediction.Pixels"/>
    public IReadOnlyList<float>? Pixels { get; init; }
}
