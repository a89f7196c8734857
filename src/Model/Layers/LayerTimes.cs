using System.Diagnostics;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Adds up how long each layer of a network takes, forward and backward, over many passes of one thread, and what is left between
/// them: examples that are read, and the loss.
/// </summary>
/// <param name="layers">How many layers there are.</param>
internal sealed class LayerTimes(int layers)
{
    private readonly long[] _forward = new long[layers];
    private readonly long[] _backward = new long[layers];
    private long _between;
    private long _last;

    /// <summary>Starts the first pass.</summary>
    public void Start() => _last = Stopwatch.GetTimestamp();

    /// <summary>What is no layer's has been done.</summary>
    public void BetweenLayers() => _between += Lap();

    /// <summary>A layer has passed its input on.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public void Forward(int layer) => _forward[layer] += Lap();

    /// <summary>A layer has passed its gradient back.</summary>
    /// <param name="layer">The layer, from 0.</param>
    public void Backward(int layer) => _backward[layer] += Lap();

    /// <summary>The seconds: what is no layer's, then each layer forward, then each layer backward from the last.</summary>
    public IEnumerable<double> Seconds() =>
        new[] { _between }.Concat(_forward).Concat(_backward.Reverse()).Select(ticks => (double)ticks / Stopwatch.Frequency);

    private long Lap()
    {
        long now = Stopwatch.GetTimestamp();
        long lap = now - _last;
        _last = now;
        return lap;
    }
}
