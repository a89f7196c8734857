using System.Collections.Concurrent;

namespace GpuConvnet.Trainer.Studies;

/// <summary>The finished runs of a study, each kept as soon as it is; runs are added from several threads.</summary>
/// <typeparam name="TKey">What tells two runs apart.</typeparam>
/// <typeparam name="TRun">A finished run.</typeparam>
internal sealed class StudyRuns<TKey, TRun>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TRun> _runs;
    private readonly Func<TRun, TKey> _keyOf;
    private readonly Action<TRun> _keep;

    /// <summary>Begins with what an earlier call finished.</summary>
    /// <param name="earlier">Those runs.</param>
    /// <param name="keyOf">A run's key.</param>
    /// <param name="keep">Saves a run, before it counts as finished.</param>
    public StudyRuns(IEnumerable<TRun> earlier, Func<TRun, TKey> keyOf, Action<TRun> keep)
    {
        _runs = new(earlier.Select(run => KeyValuePair.Create(keyOf(run), run)));
        _keyOf = keyOf;
        _keep = keep;
    }

    /// <summary>How many there are.</summary>
    public int Count => _runs.Count;

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<TRun> All => _runs.Values;

    /// <summary>Whether a run is finished.</summary>
    public bool Has(TKey key) => _runs.ContainsKey(key);

    /// <summary>Keeps a finished run.</summary>
    public void Add(TRun run)
    {
        _keep(run);
        _runs[_keyOf(run)] = run;
    }
}
