namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>One evaluation during a run.</summary>
internal sealed record HistoryEntry
{
    /// <summary>
    /// The pass after which it was made, from 1, or 0 before the training of a network whose weights were not drawn; null
    /// in a run that counts steps.
    /// </summary>
    public int? Pass { get; init; }

    /// <summary>The step after which it was made, counted likewise; null in a run that counts passes.</summary>
    public long? Step { get; init; }

    /// <summary>How well the network did on the training digits.</summary>
    public required RunEvaluation Train { get; init; }

    /// <summary>How well it did on the test digits.</summary>
    public required RunEvaluation Test { get; init; }

    /// <summary>The training time so far, evaluation not counted.</summary>
    public required double Seconds { get; init; }
}
