using GpuConvnet.Recognition.Finding;

namespace GpuConvnet.Recognition;

/// <summary>What a picture was taken for.</summary>
/// <param name="Found">The digit that was found; null where there is none.</param>
/// <param name="Pixels">(16, 16), -1 to 1: what the network saw; null where there is no digit.</param>
/// <param name="Prediction">What the network takes it for; null where there is no digit.</param>
/// <param name="Instead">What was seen instead of a digit; null where there is one.</param>
public sealed record PictureReading(FoundDigit? Found, float[]? Pixels, Prediction? Prediction, string? Instead);
