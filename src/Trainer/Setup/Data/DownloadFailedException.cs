namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>A file could be had from no mirror. What has arrived is kept, and the next attempt goes on from there.</summary>
internal sealed class DownloadFailedException : Exception
{
    /// <summary>Creates the exception with its whole message.</summary>
    /// <param name="message">What failed, mirror by mirror.</param>
    public DownloadFailedException(string message)
        : base(message)
    {
    }
}
