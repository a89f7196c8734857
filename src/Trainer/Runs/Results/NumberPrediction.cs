namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>The numbers that a network read in an image.</summary>
internal sealed record NumberPrediction
{
    /// <summary>The image, as the user named it.</summary>
    public required string Image { get; init; }

    /// <summary>Why the image could not be read; null where it was.</summary>
    public string? Problem { get; init; }

    /// <summary>Its lines, from the top; null where there is a problem.</summary>
    public IReadOnlyList<LinePrediction>? Lines { get; init; }

    /// <summary>The digits of all lines, where the file's name says them.</summary>
    public string? Label { get; init; }

    /// <summary>The milliseconds that it took, the network's included.</summary>
    public double? Milliseconds { get; init; }
}
