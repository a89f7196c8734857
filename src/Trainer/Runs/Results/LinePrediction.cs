namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>A line of digits that was read.</summary>
internal sealed record LinePrediction
{
    /// <summary>The number, digit by digit; a refused one is a question mark.</summary>
    public required string Number { get; init; }

    /// <summary>How probable it is that all of it is right, from 0 to 1.</summary>
    public required double Confidence { get; init; }

    /// <summary>Its digits, from left to right.</summary>
    public required IReadOnlyList<DigitPrediction> Digits { get; init; }
}
