using System.Diagnostics;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>
/// Repeats what is to be timed: first to warm up, then as often as asked for, each repeat long enough for the clock. What is
/// slow is repeated less often, three times at least, and its timing says how often.
/// </summary>
/// <param name="repeats">How many repeats at most.</param>
/// <param name="isQuick">Whether a rough answer will do.</param>
/// <param name="interruption">Ends a measurement after the repeat that it is in.</param>
internal sealed class Repeater(int repeats, bool isQuick, CancellationToken interruption)
{
    private const int LeastRepeats = 3;
    private const int MostTogether = 100_000;

    private readonly double _warmUpSeconds = isQuick ? 0.05 : 0.4;
    private readonly double _repeatSeconds = isQuick ? 0.01 : 0.05;
    private readonly double _patienceSeconds = isQuick ? 1 : 10;

    /// <summary>Times something.</summary>
    /// <param name="prepare">Called before each repeat, untimed.</param>
    /// <param name="work">Does it so many times, and returns when that is done.</param>
    /// <param name="mostTogether">The most times that it can be done in one repeat.</param>
    /// <exception cref="OperationCanceledException">Interrupted before the first repeat.</exception>
    public Timing Measure(Action prepare, Action<int> work, int mostTogether = MostTogether)
    {
        double once;
        double warm = 0;
        int times = 1;
        do
        {
            interruption.ThrowIfCancellationRequested();
            prepare();
            double seconds = Time(work, times);
            once = seconds / times;
            warm += seconds;
            times = Math.Clamp((int)(_repeatSeconds / 4 / Math.Max(once, 1e-9)), 1, mostTogether);
        }
        while (warm < _warmUpSeconds);

        int together = (int)Math.Clamp(Math.Ceiling(_repeatSeconds / Math.Max(once, 1e-9)), 1, mostTogether);
        return Repeat(() =>
        {
            prepare();
            return Time(work, together) / together;
        });
    }

    /// <summary>Times something that is warm and times itself.</summary>
    /// <param name="repeat">One repeat; returns its seconds.</param>
    public Timing Repeat(Func<double> repeat)
    {
        List<double> seconds = [];
        long begun = Stopwatch.GetTimestamp();
        do
        {
            if (seconds.Count == 0)
            {
                interruption.ThrowIfCancellationRequested();
            }

            seconds.Add(repeat());
        }
        while (seconds.Count < repeats
            && !interruption.IsCancellationRequested
            && (seconds.Count < LeastRepeats || Stopwatch.GetElapsedTime(begun).TotalSeconds < _patienceSeconds));
        return Timing.Of(seconds);
    }

    private static double Time(Action<int> work, int times)
    {
        long begun = Stopwatch.GetTimestamp();
        work(times);
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }
}
