namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What a network takes the digit in an image for.</summary>
internal sealed record ImagePrediction
{
    /// <summary>The image, as the user named it.</summary>
    public required string Image { get; init; }

    /// <summary>Why the image could not be read; null where it was.</summary>
    public string? Problem { get; init; }

    /// <summary>The answer; null where there is none.</summary>
    public int? Digit { get; init; }

    /// <summary>
    /// What the answer would have been, where it was refused: for a margin below <c>--reject-below</c>, or by <c>--reject-dissent</c>.
    /// </summary>
    public int? Refused { get; init; }

    /// <summary>What it is next to the answer, given or refused.</summary>
    public int? RunnerUp { get; init; }

    /// <summary>The right answer, where the names of files say it.</summary>
    public int? Label { get; init; }

    /// <summary>The network's ten outputs.</summary>
    public IReadOnlyList<float>? Outputs { get; init; }

    /// <summary>The ten probabilities; of networks trained by cross entropy.</summary>
    public IReadOnlyList<double>? Probabilities { get; init; }

    /// <summary>
    /// The difference of the two most active outputs, or of their probabilities where there are any: what <c>--reject-below</c>
    /// goes by.
    /// </summary>
    public double? Margin { get; init; }

    /// <summary>What each member of an ensemble answers; null of a single network.</summary>
    public IReadOnlyList<int>? Answers { get; init; }

    /// <summary>
    /// How many members answer otherwise than the ensemble does: what <c>--reject-dissent</c> goes by; null of a single network.
    /// </summary>
    public int? Dissent { get; init; }

    /// <summary>How many other marks as heavy as a digit there are in the image.</summary>
    public int? OtherMarks { get; init; }

    /// <summary>Where the digit is, in the image as it is meant to be seen.</summary>
    public PictureBox? Box { get; init; }

    /// <summary>What was seen beside plain paper, such as "lines removed", "read inside a frame" or "two candidates".</summary>
    public IReadOnlyList<string>? Seen { get; init; }

    /// <summary>How sure it is, from 0 to 1, that what was found is a digit and all of it.</summary>
    public double? Sureness { get; init; }

    /// <summary>(16, 16), row-major, -1 to 1: what the network saw, when asked for.</summary>
    public IReadOnlyList<float>? Pixels { get; init; }

    /// <summary>The milliseconds that it took to read the image, and find and frame the digit.</summary>
    public double? FindMilliseconds { get; init; }

    /// <summary>The microseconds that it took the network.</summary>
    public double? NetworkMicroseconds { get; init; }
}
