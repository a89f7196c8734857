namespace GpuConvnet.Trainer.Live.Board;

/// <summary>
/// Points of a curve that grows, evenly thinned: never more than twice so many are kept, whatever the length of the run. Safe for use by
/// several threads.
/// </summary>
/// <param name="most">How many are kept before every second one is dropped.</param>
internal sealed class LiveSeries(int most)
{
    private readonly Lock _gate = new();
    private readonly List<double[]> _kept = [];
    private double[]? _last;
    private long _count;
    private long _distance = 1;
    private int _generation;

    /// <summary>How many points were added.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Adds a point.</summary>
    /// <param name="point">Its place, and what it has there.</param>
    public void Add(params double[] point)
    {
        lock (_gate)
        {
            if (_kept.Count >= most)
            {
                for (int index = 0; 2 * index < _kept.Count; index++)
                {
                    _kept[index] = _kept[2 * index];
                }

                _kept.RemoveRange((_kept.Count + 1) / 2, _kept.Count / 2);
                _distance *= 2;
                _generation++;
            }

            if (_count % _distance == 0)
            {
                _kept.Add(point);
            }

            _last = point;
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Begins anew with other points.</summary>
    public void Replace(IEnumerable<double[]> points)
    {
        lock (_gate)
        {
            _kept.Clear();
            (_last, _distance) = (null, 1);
            _generation++;
            Volatile.Write(ref _count, 0);
            foreach (double[] point in points)
            {
                Add(point);
            }
        }
    }

    /// <summary>What somebody lacks who has seen some of it.</summary>
    /// <param name="seen">What they have seen; null for nothing.</param>
    public LiveSeriesPart Since(LiveSeriesPart? seen)
    {
        lock (_gate)
        {
            int from = seen is not null && seen.Generation == _generation ? Math.Min(seen.From + seen.Points.Count, _kept.Count) : 0;
            return new LiveSeriesPart(from, [.. _kept.Skip(from)], _last) { Generation = _generation };
        }
    }

    /// <summary>A few of its values, evenly, with the first and the last.</summary>
    /// <param name="many">The most of them, but for the last.</param>
    /// <param name="at">Which value of a point.</param>
    public double[] Sketch(int many, int at)
    {
        lock (_gate)
        {
            int step = (_kept.Count + many - 1) / Math.Max(1, many);
            double[][] some = [.. _kept.Where((_, index) => index % Math.Max(1, step) == 0)];
            return [.. some.Select(point => point[at]), .. _last is null || some[^1] == _last ? [] : (double[])[_last[at]]];
        }
    }
}
