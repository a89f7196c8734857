namespace GpuConvnet.Trainer.Runs;

/// <summary>Another process of the same training met something that cannot be used, and says what.</summary>
internal sealed class OtherRankFailedException : Exception
{
    /// <summary>Creates one.</summary>
    public OtherRankFailedException()
        : base("Another rank cannot go on, and says why.")
    {
    }
}
