using System.Diagnostics;
using GpuConvnet.Model;
using GpuConvnet.Model.Training;
using GpuConvnet.Trainer.Runs.Results;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Live.Board;

/// <summary>
/// One run as the page shows it. Who trains writes, who serves reads; what passes between them is never changed, the newest takes the
/// place of what was there, and neither waits for the other.
/// </summary>
internal sealed class LiveRun
{
    // A curve on a page has no room for more.
    private const int MostPoints = 600;

    // Parameters are copied for pages that have asked for them not longer ago than this.
    private const int WantedMilliseconds = 2_000;

    private readonly LiveBoard _board;
    private readonly LivePace _pace = new();
    private LiveProgress _progress;
    private LiveParameters? _parameters;
    private LiveMistakes? _mistakes;
    private HistoryEntry? _latest;
    private long _wantedUntil = -1;
    private long _version;
    private int _watchers;
    private int _state = (int)LiveState.Training;

    /// <summary>Creates a run; <see cref="LiveBoard.Add"/> and <see cref="LiveBoard.Replace"/> do.</summary>
    internal LiveRun(LiveBoard board, int number, LiveRunOrder order, int edition = 0)
    {
        _board = board;
        Number = number;
        Edition = edition;
        Order = order;
        _progress = new LiveProgress(0, 0);
    }

    /// <summary>Its number on the board, from 0.</summary>
    public int Number { get; }

    /// <summary>How many runs had this number before it.</summary>
    public int Edition { get; }

    /// <summary>What it is.</summary>
    public LiveRunOrder Order { get; }

    /// <summary>The configuration.</summary>
    public ExperimentConfiguration Configuration => Order.Configuration;

    /// <summary>The digits that it is trained on; null where they are not at hand.</summary>
    public Examples? Train => Order.Digits.Value.Train;

    /// <summary>The digits that it is tested on; null likewise.</summary>
    public Examples? Test => Order.Digits.Value.Test;

    /// <summary>Counts what has changed.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>How far it is.</summary>
    public LiveProgress Progress => Volatile.Read(ref _progress);

    /// <summary>The newest parameters that are at hand; null for none yet.</summary>
    public LiveParameters? Parameters => Volatile.Read(ref _parameters);

    /// <summary>The newest evaluation; null before the first.</summary>
    public HistoryEntry? Latest => Volatile.Read(ref _latest);

    /// <summary>What becomes of it.</summary>
    public LiveState State => (LiveState)Volatile.Read(ref _state);

    /// <summary>What there is to say about its end; null for nothing.</summary>
    public string? Message { get; private set; }

    /// <summary>The evaluations: place, error of the training digits and of those that it is tested on in percent, both losses, learning
    /// rate.</summary>
    public LiveSeries Evaluations { get; } = new(MostPoints);

    /// <summary>Place and norm of the gradient.</summary>
    public LiveSeries GradientNorms { get; } = new(MostPoints);

    /// <summary>Place and error of the first 256 of the digits that it is tested on, in percent, whenever these were examined.</summary>
    public LiveSeries Samples { get; } = new(MostPoints);

    /// <summary>
    /// Place and error of as many of these digits as there was time for when a page first looked at it, in percent, whenever they were
    /// examined.
    /// </summary>
    public LiveSeries Examinations { get; } = new(MostPoints);

    /// <summary>What it gets wrong; null before that was examined.</summary>
    public LiveMistakes? Mistakes
    {
        get => Volatile.Read(ref _mistakes);
        set
        {
            Volatile.Write(ref _mistakes, value);
            Change();
        }
    }

    /// <summary>Whether it has come to an end of whatever kind.</summary>
    public bool HasEnded => State is LiveState.Finished or LiveState.Interrupted or LiveState.Failed or LiveState.Stopped;

    /// <summary>Whether a page looks at it more closely than at others.</summary>
    public bool IsWatched => Volatile.Read(ref _watchers) > 0;

    /// <summary>Counts a page that looks at it.</summary>
    public void Enter() => Interlocked.Increment(ref _watchers);

    /// <summary>Counts one that went away.</summary>
    public void Leave() => Interlocked.Decrement(ref _watchers);

    /// <summary>Where a number of steps is on the horizontal axis: in passes where those are counted.</summary>
    public double PlaceOf(long steps) => Configuration.CountsPasses ? (double)steps / Configuration.StepsPerPass : steps;

    /// <summary>Has the parameters copied soon, and for some seconds: somebody looks at them.</summary>
    public void Want() => Volatile.Write(ref _wantedUntil, Environment.TickCount64 + WantedMilliseconds);

    /// <summary>Whether somebody has asked for the parameters, and not long ago.</summary>
    public bool IsWanted => Environment.TickCount64 <= Volatile.Read(ref _wantedUntil);

    /// <summary>Shows the network as it is after some steps; before the first, what the run begins with.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="parameters">The parameters; never changed after this.</param>
    public void Show(long steps, float[] parameters)
    {
        Volatile.Write(ref _parameters, new LiveParameters(steps, parameters));
        Change();
    }

    /// <summary>Says where a run goes on that was interrupted before.</summary>
    public void Resume(IReadOnlyList<HistoryEntry> history, long steps, float[] parameters)
    {
        Evaluations.Replace(history.Select(PointOf));
        Volatile.Write(ref _latest, history.Count > 0 ? history[^1] : null);
        Volatile.Write(ref _parameters, new LiveParameters(steps, parameters));
        Volatile.Write(ref _progress, new LiveProgress(steps, 0));
        Change();
    }

    /// <summary>Takes down how far a training is that another process does, and that cannot be held.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="seconds">The seconds since it began.</param>
    public void TrainedElsewhere(long steps, double seconds)
    {
        Volatile.Write(ref _progress, new LiveProgress(steps, seconds));
        Change();
    }

    /// <summary>Says why the run's network cannot be examined.</summary>
    /// <param name="message">Why.</param>
    public void GiveUp(string message)
    {
        Message ??= message;
        Change();
    }

    /// <summary>Takes down how far the training is, and holds it where the user has paused it. Called by the training thread.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="seconds">The seconds since it began, pauses not counted.</param>
    /// <param name="trainer">What trains, between two steps; null where it is out of reach.</param>
    /// <returns>How long it was held, in ticks of <see cref="Stopwatch"/>.</returns>
    public long Trained(long steps, double seconds, ITrainer? trainer)
    {
        Volatile.Write(ref _progress, new LiveProgress(steps, seconds));
        Change();
        bool isHeld = _board.Gate.IsClosed;
        if (trainer is not null && IsWanted && (isHeld || _pace.IsDue))
        {
            _pace.Take(() => Copy(steps, trainer));
        }

        return isHeld ? _board.Gate.Pass() : 0;
    }

    /// <summary>Takes down an evaluation. Called by the training thread.</summary>
    /// <param name="steps">The steps of the run so far.</param>
    /// <param name="entry">What it gave.</param>
    /// <param name="parameters">The parameters that were evaluated; never changed after this.</param>
    public void Evaluated(long steps, HistoryEntry entry, float[] parameters)
    {
        Evaluations.Add(PointOf(entry));
        Volatile.Write(ref _latest, entry);
        if (Parameters is not { } there || there.Steps <= steps)
        {
            Volatile.Write(ref _parameters, new LiveParameters(steps, parameters));
        }

        if (Progress.Steps < steps)
        {
            Volatile.Write(ref _progress, new LiveProgress(steps, entry.Seconds));
        }

        Change();
    }

    /// <summary>Says that it has ended.</summary>
    /// <param name="state">How.</param>
    /// <param name="message">What there is to say; null for nothing.</param>
    public void End(LiveState state, string? message = null)
    {
        Message = message;
        Volatile.Write(ref _state, (int)state);
        Change();
    }

    /// <summary>Says how a run came out of which nothing was to be seen before: one that others trained.</summary>
    public void End(RunResult result, float[] parameters)
    {
        if (Evaluations.Count == 0)
        {
            Resume(result.History, result.Steps, parameters);
            Volatile.Write(ref _progress, new LiveProgress(result.Steps, result.Seconds.Train));
        }

        LiveState state = result.Failure is not null ? LiveState.Failed
            : result.Interrupted ? LiveState.Interrupted
            : LiveState.Finished;
        End(state, result.Failure);
    }

    /// <summary>Says how a run stands that somebody else trains.</summary>
    public void Follow(LiveProgress progress, IReadOnlyList<HistoryEntry> history, float[]? parameters, LiveState state, string? message)
    {
        Evaluations.Replace(history.Select(PointOf));
        Volatile.Write(ref _latest, history.Count > 0 ? history[^1] : null);
        Volatile.Write(ref _progress, progress);
        if (parameters is not null)
        {
            Volatile.Write(ref _parameters, new LiveParameters(progress.Steps, parameters));
        }

        End(state, message);
    }

    private void Copy(long steps, ITrainer trainer)
    {
        float[] values = new float[Configuration.ParameterCount];
        trainer.Store(values);
        Show(steps, values);
    }

    private double[] PointOf(HistoryEntry entry)
    {
        long steps = entry.Step ?? (long)(entry.Pass ?? 0) * Configuration.StepsPerPass;
        double rate = Configuration.LearningRateSchedule.Rate(Math.Max(0, steps - 1), Configuration.TotalSteps);
        return
        [
            PlaceOf(steps), entry.Train.ErrorPercent, entry.Test.ErrorPercent, entry.Train.Loss, entry.Test.Loss, rate,
        ];
    }

    /// <summary>Says that something of it has changed.</summary>
    public void Change()
    {
        Interlocked.Increment(ref _version);
        _board.Change();
    }
}
