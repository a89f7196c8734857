using GpuConvnet.Recognition.Finding;

namespace GpuConvnet.Recognition.Numbers;

/// <summary>A digit of a number.</summary>
/// <param name="Found">Where it is, and its ink.</param>
/// <param name="Pixels">(16, 16), -1 to 1: what the network saw.</param>
/// <param name="Prediction">What the network takes it for.</param>
/// <param name="Confidence">How probable the answer is, from 0 to 1.</param>
internal sealed record NumberDigit(FoundDigit Found, float[] Pixels, Prediction Prediction, double Confidence);
