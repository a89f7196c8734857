namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>How far a download is.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Received">Bytes that are here, those of an earlier attempt included.</param>
/// <param name="Total">Bytes in all; null if the server does not say.</param>
internal readonly record struct DownloadProgress(string File, long Received, long? Total);
