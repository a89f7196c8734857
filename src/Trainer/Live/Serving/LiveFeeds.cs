using GpuConvnet.Trainer.Live.Board;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>The feeds that pages are listening to: one per run that somebody looks at, and none that nobody listens to.</summary>
internal sealed class LiveFeeds(LiveBoard board) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Place> _places = [];
    private readonly CancellationTokenSource _end = new();

    /// <summary>How many pages are listening.</summary>
    public int Listeners
    {
        get
        {
            lock (_gate)
            {
                return _places.Values.Sum(place => place.Listeners);
            }
        }
    }

    /// <summary>Begins to listen.</summary>
    /// <param name="run">The run that is looked at; null for none.</param>
    public LiveFeed Enter(LiveRun? run)
    {
        board.Enter();
        run?.Enter();
        run?.Want();
        lock (_gate)
        {
            int number = run?.Number ?? -1;
            if (!_places.TryGetValue(number, out Place? place))
            {
                CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                LiveFeed feed = new(board, run);
                _places[number] = place = new Place(feed, feed.Work(end.Token), end);
            }

            place.Listeners++;
            return place.Feed;
        }
    }

    /// <summary>Ceases to listen.</summary>
    public void Leave(LiveRun? run)
    {
        run?.Leave();
        board.Leave();
        lock (_gate)
        {
            int number = run?.Number ?? -1;
            Place place = _places[number];
            if (--place.Listeners == 0)
            {
                _places.Remove(number);
                place.End.Cancel();
                place.End.Dispose();
            }
        }
    }

    /// <summary>Has every feed say a last word.</summary>
    public void End() => _end.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    private sealed class Place(LiveFeed feed, Task work, CancellationTokenSource end)
    {
        public LiveFeed Feed => feed;

        public Task Work => work;

        public CancellationTokenSource End => end;

        public int Listeners { get; set; }
    }
}
