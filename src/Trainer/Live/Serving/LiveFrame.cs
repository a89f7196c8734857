namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>What is said at one moment to all pages that look at a run.</summary>
/// <param name="Number">Counts the moments.</param>
/// <param name="News">What has changed since the moment before, as an event.</param>
/// <param name="Whole">The same for who has missed that one, made when the first asks.</param>
/// <param name="IsLast">Whether nothing comes after it.</param>
internal sealed record LiveFrame(long Number, byte[] News, Lazy<byte[]> Whole, bool IsLast);
