namespace GpuConvnet.Trainer.Runs.Listing;

/// <summary>How far a saved run came.</summary>
internal enum RunState
{
    /// <summary>It came to its end.</summary>
    Finished,

    /// <summary>It was stopped; what it did is there, and <c>--resume</c> goes on.</summary>
    Interrupted,

    /// <summary>It is under way, or ended without a word; <c>--resume</c> goes on.</summary>
    Unfinished,

    /// <summary>Its training diverged; what was good before is there.</summary>
    Diverged,

    /// <summary>Its configuration or its result cannot be read.</summary>
    Damaged,
}
