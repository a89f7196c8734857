using System.Diagnostics;

namespace GpuConvnet.Trainer.Live.Board;

/// <summary>
/// How often who trains copies networks for pages: five times a second at most, and so seldom that copying takes a two-hundredth of the
/// time. For use by one thread.
/// </summary>
internal sealed class LivePace
{
    private const int LeastMilliseconds = 200;
    private const int Share = 200;

    private long _next;

    /// <summary>Whether it is time again.</summary>
    public bool IsDue => Stopwatch.GetTimestamp() >= _next;

    /// <summary>Copies, and rests from then on.</summary>
    public void Take(Action copy)
    {
        long begun = Stopwatch.GetTimestamp();
        copy();
        long done = Stopwatch.GetTimestamp();
        _next = done + Math.Max(LeastMilliseconds * Stopwatch.Frequency / 1000, Share * (done - begun));
    }
}
