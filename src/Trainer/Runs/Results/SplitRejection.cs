namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>How the error on a split falls as digits are rejected.</summary>
internal sealed record SplitRejection
{
    /// <summary>The least share to reject for the error that is aimed at; null where no share brings it.</summary>
    public RejectionPoint? ForTarget { get; init; }

    /// <summary>What <c>--reject-below</c> does, when it was given.</summary>
    public RejectionPoint? AtThreshold { get; init; }

    /// <summary>
    /// For each number of misses, the least share to reject for it: from nothing rejected to as few misses as there can be. Of
    /// more than 1,000 every second, third, ... of them.
    /// </summary>
    public required IReadOnlyList<RejectionPoint> Curve { get; init; }
}
