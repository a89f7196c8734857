using System.Collections.Concurrent;

namespace GpuConvnet.Trainer.Studies.Sweep;

/// <summary>The finished runs of a sweep, each kept as soon as it is; runs are added from several threads.</summary>
internal sealed class SweepRuns
{
    private readonly ConcurrentDictionary<(int Point, uint Seed), SweepRun> _runs;
    private readonly Action<SweepRun> _keep;

    /// <summary>Begins with what an earlier call finished.</summary>
    /// <param name="earlier">Those runs.</param>
    /// <param name="keep">Saves a run, before it counts as finished.</param>
    public SweepRuns(IEnumerable<SweepRun> earlier, Action<SweepRun> keep)
    {
        _runs = new(earlier.Select(run => KeyValuePair.Create((run.Point, run.Seed), run)));
        _keep = keep;
    }

    /// <summary>How many there are.</summary>
    public int Count => _runs.Count;

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<SweepRun> All => _runs.Values;

    /// <summary>Whether a point has been trained with a seed.</summary>
    public bool Has(int point, uint seed) => _runs.ContainsKey((point, seed));

    /// <summary>Keeps a finished run.</summary>
    public void Add(SweepRun run)
    {
        _keep(run);
        _runs[(run.Point, run.Seed)] = run;
    }
}
