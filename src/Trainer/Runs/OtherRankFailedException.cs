namespace GpuConvnet.Trainer.Runs;

/// <summary>Another process of the same training met something that cannot be used, and says what.</summary>
/// <param name="exitCode">The exit code that it ends with.</param>
internal sealed class OtherRankFailedException(int exitCode) : Exception("Another rank cannot go on, and says why.")
{
    /// <summary>The exit code that it ends with, and so all do.</summary>
    public int ExitCode => exitCode;
}
