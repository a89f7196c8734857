namespace GpuConvnet.Trainer.Live.Following;

/// <summary>Shows on a board what others write into a folder.</summary>
internal interface IFollower
{
    /// <summary>How many runs it knows.</summary>
    int Count { get; }

    /// <summary>Looks for what is new.</summary>
    void Look();
}
