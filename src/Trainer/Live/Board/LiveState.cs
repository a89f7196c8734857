namespace GpuConvnet.Trainer.Live.Board;

/// <summary>What becomes of a run, or of all of them.</summary>
internal enum LiveState
{
    /// <summary>It is getting ready.</summary>
    Preparing,

    /// <summary>It trains.</summary>
    Training,

    /// <summary>It is held until the user lets it go on.</summary>
    Paused,

    /// <summary>It comes to its next evaluation, and ends.</summary>
    Stopping,

    /// <summary>It came to its end.</summary>
    Finished,

    /// <summary>It was stopped; what it did is kept.</summary>
    Interrupted,

    /// <summary>Nobody trains it any more, and it came to no end: its program was killed, or left it behind.</summary>
    Stopped,

    /// <summary>It went wrong.</summary>
    Failed,
}
