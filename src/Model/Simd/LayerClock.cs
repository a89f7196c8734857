using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Adds up how long each pass takes, over many examples of one thread. Reading the time takes some 20 ns, which are in every
/// pass: a few hundredths of an example's time altogether.
/// </summary>
internal struct LayerClock : ILayerClock
{
    private long[] _ticks;
    private long _last;

    /// <summary>A clock that has measured nothing.</summary>
    public static LayerClock Create() => new() { _ticks = new long[Enum.GetValues<LayerPass>().Length] };

    /// <summary>Starts the first pass.</summary>
    public void Start() => _last = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Passed(LayerPass pass)
    {
        long now = Stopwatch.GetTimestamp();
        _ticks[(int)pass] += now - _last;
        _last = now;
    }

    /// <summary>How long a pass took, over all examples; copies of a clock share it.</summary>
    public readonly double Seconds(LayerPass pass) => (double)_ticks[(int)pass] / Stopwatch.Frequency;
}
