using GpuConvnet.Trainer.Live.Board;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>The feeds that pages are listening to: one per run that somebody looks at, and none that nobody listens to.</summary>
internal sealed class LiveFeeds(LiveBoard board) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Run, int Edition), Place> _places = [];
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
        run?.Want();
        lock (_gate)
        {
            if (!_places.TryGetValue(KeyOf(run), out Place? place))
            {
                CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                _places[KeyOf(run)] = place = new Place(new LiveFeed(board, run, end.Token), end);
            }

            place.Listeners++;
            board.Enter();
            run?.Enter();
            return place.Feed;
        }
    }

    /// <summary>Ceases to listen; whoever is the last waits for the feed's end, and hears what ended it if that was a fault.</summary>
    public async Task Leave(LiveRun? run)
    {
        run?.Leave();
        board.Leave();
        Place place;
        lock (_gate)
        {
            place = _places[KeyOf(run)];
            if (--place.Listeners > 0)
            {
                return;
            }

            _places.Remove(KeyOf(run));
        }

        await place.End.CancelAsync().ConfigureAwait(false);
        await place.Feed.Ended.ConfigureAwait(false);
        place.End.Dispose();
    }

    /// <summary>Has every feed say a last word.</summary>
    public void End() => _end.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();

    private static (int Run, int Edition) KeyOf(LiveRun? run) => (run?.Number ?? -1, run?.Edition ?? 0);

    private sealed class Place(LiveFeed feed, CancellationTokenSource end)
    {
        public LiveFeed Feed => feed;

        public CancellationTokenSource End => end;

        public int Listeners { get; set; }
    }
}
