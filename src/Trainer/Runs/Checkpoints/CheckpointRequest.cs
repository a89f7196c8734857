namespace GpuConvnet.Trainer.Runs.Checkpoints;

/// <summary>How often a run is to be written down, and how many of its checkpoints are kept.</summary>
/// <param name="Every">
/// After so many passes, or steps where the run counts steps, at the evaluation that follows; 0 for never; null for every
/// few seconds.
/// </param>
/// <param name="Keep">How many are kept, 1 or more.</param>
internal sealed record CheckpointRequest(int? Every, int Keep)
{
    /// <summary>How many are kept where nothing else is said: if the newest is torn, there is another.</summary>
    public const int DefaultKeep = 3;
}
