namespace GpuConvnet.Peers;

/// <summary>What came of a request: result.json.</summary>
/// <param name="Version">TorchSharp's and libtorch's.</param>
/// <param name="Loss">Of the initial weights, with noise where there is any.</param>
/// <param name="WarmUpSeconds">The time before the first repeat.</param>
/// <param name="Microseconds">A step of each repeat.</param>
internal sealed record Answer(string Version, double Loss, double WarmUpSeconds, double[] Microseconds);
