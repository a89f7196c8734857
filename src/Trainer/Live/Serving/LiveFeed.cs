using System.Text.Json;
using GpuConvnet.Trainer.Live.Board;
using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Live.Serving;

/// <summary>
/// What pages that look at one run are told, five times a second at most, and twice where training takes all cores, made once for all of
/// them. Whoever is slow is given the newest when they are ready for it, and nothing is kept for them.
/// </summary>
internal sealed class LiveFeed
{
    private const int CurvePoints = 40;
    private static readonly TimeSpan s_betweenFrames = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_betweenFramesBusy = TimeSpan.FromMilliseconds(500);

    private readonly LiveBoard _board;
    private readonly LiveRun? _run;
    private readonly Dictionary<LiveRun, long> _told = [];
    private LiveFrame _newest;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LiveMessage.Detail? _seen;
    private LiveMistakes? _mistakes;
    private long _version;
    private long _number;

    /// <summary>Begins to tell.</summary>
    /// <param name="board">All runs.</param>
    /// <param name="run">The one that is looked at; null for none.</param>
    /// <param name="end">Ends it, after a last frame.</param>
    public LiveFeed(LiveBoard board, LiveRun? run, CancellationToken end)
    {
        _board = board;
        _run = run;
        _version = board.Version;
        _newest = Compose(isLast: false);
        Ended = Work(end);
    }

    /// <summary>Its work, which is over after the last frame, or at a fault.</summary>
    public Task Ended { get; }

    /// <summary>The newest frame.</summary>
    public LiveFrame Newest => Volatile.Read(ref _newest);

    private async Task Work(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            TimeSpan rest = _board.HasFreeCore ? s_betweenFrames : s_betweenFramesBusy;
            await Task.Delay(rest, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _run?.Want();
            long version = _board.Version;
            if (version != _version || end.IsCancellationRequested)
            {
                _version = version;
                Publish(Compose(end.IsCancellationRequested));
            }
        }
    }

    /// <summary>Waits for a frame after one.</summary>
    /// <param name="number">That one.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The newest frame, which after that time may be the same.</returns>
    public async Task<LiveFrame> After(long number, TimeSpan patience, CancellationToken cancellation)
    {
        Task next = Volatile.Read(ref _next).Task;
        if (Newest.Number == number)
        {
            Task first = await Task.WhenAny(next, Ended, Task.Delay(patience, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();

            // A feed that has failed tells nothing any more: who listens is to hear of it, and to come again.
            await first.ConfigureAwait(false);
        }

        return Newest;
    }

    private void Publish(LiveFrame frame)
    {
        Volatile.Write(ref _newest, frame);
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private LiveFrame Compose(bool isLast) => new(++_number, Event(News()), new Lazy<byte[]>(() => Event(Whole())), isLast);

    private LiveMessage News()
    {
        List<LiveMessage.Row> rows = [];
        foreach (LiveRun run in _board.Newest(LiveBoard.MostShown))
        {
            long version = run.Version;
            if (!_told.TryGetValue(run, out long told) || told != version)
            {
                _told[run] = version;
                rows.Add(RowOf(run));
            }
        }

        LiveMessage.Detail? detail = _run is null ? null : DetailOf(_run, _seen, _mistakes);
        (_seen, _mistakes) = (detail, detail?.Mistakes ?? _mistakes);
        return Of(rows, detail);
    }

    private LiveMessage Whole() => Of(
        [.. _board.Newest(LiveBoard.MostShown).Select(RowOf)], _run is null ? null : DetailOf(_run, seen: null, mistakes: null));

    private LiveMessage Of(IReadOnlyList<LiveMessage.Row> rows, LiveMessage.Detail? detail) => new()
    {
        State = _board.State,
        Message = _board.Message,
        Count = _board.Count,
        Rows = rows,
        Run = detail,
    };

    private static LiveMessage.Row RowOf(LiveRun run)
    {
        HistoryEntry? latest = run.Latest;
        double[] curve = run.Evaluations.Count >= run.Samples.Count
            ? run.Evaluations.Sketch(CurvePoints, at: 2)
            : run.Samples.Sketch(CurvePoints, at: 1);
        return new LiveMessage.Row
        {
            Run = run.Number,
            Edition = run.Edition,
            Name = run.Order.Name,
            State = run.State,
            Message = run.Message,
            Seed = run.Configuration.Seed,
            Steps = run.Progress.Steps,
            Total = run.Configuration.TotalSteps,
            TrainMisses = latest?.Train.Misses,
            TestMisses = latest?.Test.Misses,
            Error = latest?.Test.ErrorPercent ?? (curve.Length > 0 ? curve[^1] : null),
            Curve = curve,
        };
    }

    private static LiveMessage.Detail DetailOf(LiveRun run, LiveMessage.Detail? seen, LiveMistakes? mistakes)
    {
        LiveProgress progress = run.Progress;
        return new LiveMessage.Detail
        {
            Run = run.Number,
            Edition = run.Edition,
            Steps = progress.Steps,
            Seconds = progress.Seconds,
            LearningRate = progress.Steps == 0
                ? null
                : run.Configuration.LearningRateSchedule.Rate(progress.Steps - 1, run.Configuration.TotalSteps),
            Parameters = run.Parameters?.Steps,
            Latest = run.Latest,
            Evaluations = run.Evaluations.Since(seen?.Evaluations),
            GradientNorms = run.GradientNorms.Since(seen?.GradientNorms),
            Examinations = run.Examinations.Since(seen?.Examinations),
            Mistakes = run.Mistakes == mistakes ? null : run.Mistakes,
        };
    }

    private static byte[] Event(LiveMessage message) =>
        [.. "data: "u8, .. JsonSerializer.SerializeToUtf8Bytes(message, LiveJson.Default.LiveMessage), .. "\n\n"u8];
}
