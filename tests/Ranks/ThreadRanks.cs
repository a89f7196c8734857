using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Tests.Ranks;

/// <summary>Ranks that are threads of one process, and meet in shared memory.</summary>
internal sealed class ThreadRanks : IRanks
{
    private readonly Meeting _meeting;

    private ThreadRanks(Meeting meeting, int rank)
    {
        _meeting = meeting;
        Rank = rank;
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size => _meeting.Brought.Length;

    /// <inheritdoc/>
    public int LocalRank => Rank;

    /// <inheritdoc/>
    public int LocalSize => Size;

    /// <inheritdoc/>
    public int Threads => 1;

    /// <summary>Does some work on so many ranks at a time.</summary>
    /// <returns>What each made of it.</returns>
    public static T[] Run<T>(int size, Func<IRanks, T> work)
    {
        using Meeting meeting = new(size);
        T[] results = new T[size];
        Exception?[] failures = new Exception?[size];
        Thread[] threads = [.. Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = work(new ThreadRanks(meeting, rank));
            }
#pragma warning disable CA1031 // Thrown again below, by the test's own thread.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                failures[rank] = failure;
                meeting.Barrier.RemoveParticipant();
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return failures.OfType<Exception>().FirstOrDefault() is { } first
            ? throw new InvalidOperationException("A rank failed.", first)
            : results;
    }

    /// <inheritdoc/>
    public void AllToAll(
        ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive, ReadOnlySpan<int> receiveCounts)
    {
        float[][] parts = new float[Size][];
        for (int rank = 0, start = 0; rank < Size; start += sendCounts[rank++])
        {
            parts[rank] = send.Slice(start, sendCounts[rank]).ToArray();
        }

        Array[] all = Meet(parts);
        for (int rank = 0, start = 0; rank < Size; start += receiveCounts[rank++])
        {
            ((float[][])all[rank])[Rank].CopyTo(receive.Slice(start, receiveCounts[rank]));
        }
    }

    /// <inheritdoc/>
    public void AllGather<T>(ReadOnlySpan<T> own, Span<T> all, ReadOnlySpan<int> counts)
        where T : unmanaged
    {
        Array[] brought = Meet(own.ToArray());
        for (int rank = 0, start = 0; rank < Size; start += counts[rank++])
        {
            ((T[])brought[rank]).CopyTo(all.Slice(start, counts[rank]));
        }
    }

    /// <inheritdoc/>
    public void Broadcast<T>(Span<T> values)
        where T : unmanaged => ((T[])Meet(values.ToArray())[0]).CopyTo(values);

    /// <summary>Brings something along, and hears what all brought.</summary>
    private Array[] Meet(Array own)
    {
        _meeting.Brought[Rank] = own;
        _meeting.Barrier.SignalAndWait();
        Array[] all = [.. _meeting.Brought];
        _meeting.Barrier.SignalAndWait();
        return all;
    }

    private sealed class Meeting(int size) : IDisposable
    {
        public Array[] Brought { get; } = new Array[size];

        public Barrier Barrier { get; } = new(size);

        public void Dispose() => Barrier.Dispose();
    }
}
