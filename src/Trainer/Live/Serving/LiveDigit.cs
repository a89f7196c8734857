namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>A digit of those that a run is tested on, as the report's script knows them.</summary>
/// <param name="Index">Its place in the split.</param>
/// <param name="Label">What it is.</param>
/// <param name="Pixels">(16, 16) little-endian float32 in [-1, 1], in base64.</param>
internal sealed record LiveDigit(int Index, int Label, string Pixels);
