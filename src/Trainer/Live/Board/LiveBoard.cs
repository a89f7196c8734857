namespace GpuConvnet.Trainer.Live.Board;

/// <summary>All runs that the page shows, and what its user wants of them. Safe for use by several threads.</summary>
/// <param name="title">What is going on.</param>
/// <param name="stop">Does what Ctrl-C does; null where what trains is out of reach, and only watched.</param>
internal sealed class LiveBoard(string title, Action? stop) : IDisposable
{
    /// <summary>The most runs that a page lists.</summary>
    public const int MostShown = 500;

    private readonly Lock _gate = new();
    private readonly List<LiveRun> _runs = [];
    private long _version;
    private int _watchers;
    private int _state = (int)LiveState.Preparing;
    private string? _message;

    /// <summary>What is going on.</summary>
    public string Title => title;

    /// <summary>Holds trainings.</summary>
    public LiveGate Gate { get; } = new();

    /// <summary>Whether the user can pause and stop.</summary>
    public bool IsInReach => stop is not null;

    /// <summary>Counts what has changed.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>How many pages look on.</summary>
    public int Watchers => Volatile.Read(ref _watchers);

    /// <summary>Whether what trains here leaves a core to who looks on: it does not take all of them, or stands still.</summary>
    public bool HasFreeCore => Gate.IsClosed
        || Newest(MostShown).Where(run => !run.HasEnded).Sum(run => run.Order.Cores) < Environment.ProcessorCount;

    /// <summary>What becomes of all.</summary>
    public LiveState State => (LiveState)Volatile.Read(ref _state) is LiveState.Training && Gate.IsClosed
        ? LiveState.Paused
        : (LiveState)Volatile.Read(ref _state);

    /// <summary>What there is to say; null for nothing.</summary>
    public string? Message => Volatile.Read(ref _message);

    /// <summary>How many runs there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _runs.Count;
            }
        }
    }

    /// <summary>Adds a run that begins.</summary>
    public LiveRun Add(LiveRunOrder order)
    {
        LiveRun run;
        lock (_gate)
        {
            run = new LiveRun(this, _runs.Count, order);
            _runs.Add(run);
        }

        Interlocked.CompareExchange(ref _state, (int)LiveState.Training, (int)LiveState.Preparing);
        Change();
        return run;
    }

    /// <summary>Puts a run in the place of one that is of no interest any more: it has the same number, and is another edition.</summary>
    public LiveRun Replace(LiveRun old, LiveRunOrder order)
    {
        LiveRun run = new(this, old.Number, order, old.Edition + 1);
        lock (_gate)
        {
            _runs[old.Number] = run;
        }

        Change();
        return run;
    }

    /// <summary>A run; null where there is none of that number.</summary>
    public LiveRun? Find(int number)
    {
        lock (_gate)
        {
            return number >= 0 && number < _runs.Count ? _runs[number] : null;
        }
    }

    /// <summary>The newest runs, in their order.</summary>
    /// <param name="most">How many at most.</param>
    public LiveRun[] Newest(int most)
    {
        lock (_gate)
        {
            return [.. _runs.Skip(Math.Max(0, _runs.Count - most))];
        }
    }

    /// <summary>Holds trainings at their next steps.</summary>
    public void Pause()
    {
        if (State is LiveState.Preparing or LiveState.Training)
        {
            Gate.Close();
            Change();
        }
    }

    /// <summary>Lets them go on.</summary>
    public void GoOn()
    {
        Gate.Open();
        Change();
    }

    /// <summary>Ends all in good order, as Ctrl-C does.</summary>
    public void Stop() => stop?.Invoke();

    /// <summary>Says that all come to an end; whatever is held goes on to it.</summary>
    public void BeginStopping()
    {
        lock (_gate)
        {
            if (State is LiveState.Preparing or LiveState.Training or LiveState.Paused)
            {
                Volatile.Write(ref _state, (int)LiveState.Stopping);
            }
        }

        Gate.StayOpen();
        Change();
    }

    /// <summary>Says something about all.</summary>
    public void Say(string message)
    {
        if (Interlocked.Exchange(ref _message, message) != message)
        {
            Change();
        }
    }

    /// <summary>Says that all have ended.</summary>
    /// <param name="state">How.</param>
    /// <param name="message">What there is to say; null for nothing.</param>
    public void End(LiveState state, string? message)
    {
        lock (_gate)
        {
            Volatile.Write(ref _message, message);
            Volatile.Write(ref _state, (int)state);
        }

        Gate.StayOpen();
        Change();
    }

    /// <summary>Counts a page that looks on.</summary>
    public void Enter() => Interlocked.Increment(ref _watchers);

    /// <summary>Counts one that went away.</summary>
    public void Leave() => Interlocked.Decrement(ref _watchers);

    /// <summary>Says that something has changed.</summary>
    public void Change() => Interlocked.Increment(ref _version);

    /// <inheritdoc/>
    public void Dispose() => Gate.Dispose();
}
