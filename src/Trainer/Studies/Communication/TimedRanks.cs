using System.Diagnostics;
using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>Ranks whose exchanges are timed: what a step computes, how long it waits for the slowest rank, and what moving costs.</summary>
/// <param name="ranks">The ranks.</param>
internal sealed class TimedRanks(IRanks ranks) : IRanks
{
    private long _last = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public int Rank => ranks.Rank;

    /// <inheritdoc/>
    public int Size => ranks.Size;

    /// <inheritdoc/>
    public int LocalRank => ranks.LocalRank;

    /// <inheritdoc/>
    public int LocalSize => ranks.LocalSize;

    /// <inheritdoc/>
    public int Threads => ranks.Threads;

    /// <summary>The parts of the steps since <see cref="Begin"/>.</summary>
    public StepParts Parts { get; private set; }

    /// <summary>Begins anew, as all ranks do at the same time.</summary>
    public void Begin()
    {
        ranks.Any(false);
        Parts = default;
        _last = Stopwatch.GetTimestamp();
    }

    /// <summary>Ends a step, as training does: all ranks agree whether to go on.</summary>
    public void EndStep()
    {
        double update = Lap();
        ranks.Any(false);
        Parts = Parts with { Update = Parts.Update + update, Moving = Parts.Moving + Lap() };
    }

    /// <inheritdoc/>
    public void AllToAll(
        ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive, ReadOnlySpan<int> receiveCounts)
    {
        double arithmetic = Lap();
        ranks.Any(false);
        double waiting = Lap();
        ranks.AllToAll(send, sendCounts, receive, receiveCounts);
        Parts = Parts with
        {
            Arithmetic = Parts.Arithmetic + arithmetic,
            Waiting = Parts.Waiting + waiting,
            Moving = Parts.Moving + Lap(),
        };
    }

    /// <inheritdoc/>
    public void AllGather<T>(ReadOnlySpan<T> own, Span<T> all, ReadOnlySpan<int> counts)
        where T : unmanaged
    {
        double adding = Lap();
        ranks.AllGather(own, all, counts);
        Parts = Parts with { Arithmetic = Parts.Arithmetic + adding, Moving = Parts.Moving + Lap() };
    }

    /// <inheritdoc/>
    public void Broadcast<T>(Span<T> values)
        where T : unmanaged => ranks.Broadcast(values);

    /// <summary>Seconds since it was asked last.</summary>
    private double Lap()
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_last, now).TotalSeconds;
        _last = now;
        return seconds;
    }
}
