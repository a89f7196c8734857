namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>
/// A run's evaluations, as many of them as are kept: all, up to <see cref="Most"/>; then every second, every fourth and so on, evenly over
/// the run, with the first and the last always among them. So neither memory nor a file grows with the length of a run.
/// </summary>
/// <remarks>Which are kept depends on how many there were, and on nothing else: a run that was resumed keeps the same ones.</remarks>
internal sealed class EvaluationHistory
{
    /// <summary>The most evaluations of a run that are kept, but for the last one.</summary>
    public const int Most = 16_384;

    private readonly List<(long Index, HistoryEntry Entry)> _kept = [];
    private HistoryEntry? _last;

    /// <summary>Begins a history.</summary>
    public EvaluationHistory()
    {
    }

    /// <summary>Goes on with one.</summary>
    /// <param name="count">How many evaluations there were.</param>
    /// <param name="kept">Those that were kept, each with its place among all of them; the last must be there.</param>
    public EvaluationHistory(long count, IEnumerable<(long Index, HistoryEntry Entry)> kept)
    {
        long distance = DistanceOf(count);
        foreach ((long index, HistoryEntry entry) in kept)
        {
            if (index % distance == 0 && (_kept.Count == 0 || index > _kept[^1].Index))
            {
                _kept.Add((index, entry));
            }

            _last = index == count - 1 ? entry : _last;
        }

        Count = count;
    }

    /// <summary>Goes on with one of which nothing is missing.</summary>
    /// <param name="all">All evaluations.</param>
    public EvaluationHistory(IReadOnlyList<HistoryEntry> all)
        : this(all.Count, all.Select((entry, index) => ((long)index, entry)))
    {
    }

    /// <summary>How many evaluations there were.</summary>
    public long Count { get; private set; }

    /// <summary>The first one; there must be one.</summary>
    public HistoryEntry First => _kept[0].Entry;

    /// <summary>The last one; there must be one.</summary>
    public HistoryEntry Last => _last!;

    /// <summary>Those that are kept, in order, each with its place among all of them, from 0; not always the last.</summary>
    public IReadOnlyList<(long Index, HistoryEntry Entry)> Kept => _kept;

    /// <summary>Those that are kept, and the last one, in order.</summary>
    public IReadOnlyList<HistoryEntry> Entries =>
        [.. _kept.Select(kept => kept.Entry), .. Count == 0 || _kept[^1].Index == Count - 1 ? [] : (HistoryEntry[])[Last]];

    /// <summary>Of how many evaluations one is kept, where there were so many.</summary>
    /// <param name="count">How many there were.</param>
    /// <param name="most">The most that are kept.</param>
    public static long DistanceOf(long count, int most = Most)
    {
        long distance = 1;
        while ((count + distance - 1) / distance > most)
        {
            distance *= 2;
        }

        return distance;
    }

    /// <summary>Fewer of a list of evaluations, evenly, with the first and the last.</summary>
    /// <param name="entries">The list.</param>
    /// <param name="most">The most that are kept, but for the last one.</param>
    public static IReadOnlyList<HistoryEntry> Thinned(IReadOnlyList<HistoryEntry> entries, int most)
    {
        long distance = DistanceOf(entries.Count, most);
        return distance == 1 ? entries : [.. entries.Where((_, index) => index % distance == 0 || index == entries.Count - 1)];
    }

    /// <summary>The history as it is now.</summary>
    public EvaluationHistory Copy() => Count == 0 ? new() : new(Count, [.. _kept, (Count - 1, Last)]);

    /// <summary>Adds an evaluation.</summary>
    public void Add(HistoryEntry entry)
    {
        long index = Count++;
        long distance = DistanceOf(Count);
        if (distance > DistanceOf(index))
        {
            _kept.RemoveAll(kept => kept.Index % distance != 0);
        }

        if (index % distance == 0)
        {
            _kept.Add((index, entry));
        }

        _last = entry;
    }
}
