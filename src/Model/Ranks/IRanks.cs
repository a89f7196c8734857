namespace GpuConvnet.Model.Ranks;

/// <summary>
/// The processes that train together, a rank each. All of them call the same collective methods in the same order. Nothing is
/// added up on the way: numbers are only moved, so that no library's order of sums reaches the result.
/// </summary>
internal interface IRanks
{
    /// <summary>This process, from 0.</summary>
    int Rank { get; }

    /// <summary>How many there are.</summary>
    int Size { get; }

    /// <summary>This process among those of its machine, from 0.</summary>
    int LocalRank { get; }

    /// <summary>How many of them are on this machine.</summary>
    int LocalSize { get; }

    /// <summary>Threads of this process that the machine has a core for, one or more.</summary>
    int Threads { get; }

    /// <summary>Gives each rank a part of what this one has, and takes a part from each.</summary>
    /// <param name="send">The parts, by rank.</param>
    /// <param name="sendCounts">(ranks): how long each is.</param>
    /// <param name="receive">Room for what the ranks send, by rank.</param>
    /// <param name="receiveCounts">(ranks): how much each sends.</param>
    void AllToAll(ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive, ReadOnlySpan<int> receiveCounts);

    /// <summary>Gives every rank what each of them has.</summary>
    /// <param name="own">What this one has.</param>
    /// <param name="all">Room for what the ranks have, by rank.</param>
    /// <param name="counts">(ranks): how much each has.</param>
    void AllGather<T>(ReadOnlySpan<T> own, Span<T> all, ReadOnlySpan<int> counts)
        where T : unmanaged;

    /// <summary>Gives every rank what the first has.</summary>
    /// <param name="values">What the first rank has; room for as much on the others.</param>
    void Broadcast<T>(Span<T> values)
        where T : unmanaged;

    /// <summary>Whether any rank says so.</summary>
    /// <param name="own">What this one says.</param>
    bool Any(bool own)
    {
        Span<byte> all = stackalloc byte[Size];
        Span<int> counts = stackalloc int[Size];
        counts.Fill(1);
        AllGather([own ? (byte)1 : (byte)0], all, counts);
        return all.Contains((byte)1);
    }

    /// <summary>Makes whole what each rank has filled in a stretch of: the <see cref="SliceSpan.Of"/> of its length.</summary>
    /// <param name="values">The same length on all ranks.</param>
    void Complete<T>(Span<T> values)
        where T : unmanaged
    {
        int length = values.Length;
        int[] counts = [.. Enumerable.Range(0, Size).Select(rank => SliceSpan.Of(rank, Size, length).Count)];
        SliceSpan own = SliceSpan.Of(Rank, Size, length);
        AllGather<T>(values[own.First..own.End].ToArray(), values, counts);
    }

    /// <summary>What all ranks have, one after the other.</summary>
    /// <param name="own">What this one has, of any length.</param>
    T[] Join<T>(ReadOnlySpan<T> own)
        where T : unmanaged
    {
        int[] counts = new int[Size];
        AllGather([own.Length], counts, [.. Enumerable.Repeat(1, Size)]);
        T[] all = new T[counts.Sum()];
        AllGather(own, all, counts);
        return all;
    }
}
