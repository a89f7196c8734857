namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What <c>trainer eval --reject --json</c> prints besides.</summary>
internal sealed record ModelRejection
{
    /// <summary>What the margin is the difference of: the two most active <c>outputs</c>, or their <c>probabilities</c>.</summary>
    public required string MarginOf { get; init; }

    /// <summary>The error that is aimed at, in percent of the digits that are kept.</summary>
    public required double TargetErrorPercent { get; init; }

    /// <summary>On the training digits, when asked for.</summary>
    public SplitRejection? Train { get; init; }

    /// <summary>On the digits that the model was tested on, when asked for.</summary>
    public SplitRejection? Test { get; init; }

    /// <summary>The full paths of the pictures.</summary>
    public required IReadOnlyList<string> Pictures { get; init; }
}
