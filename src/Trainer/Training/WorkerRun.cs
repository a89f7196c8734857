using System.Diagnostics;
using GpuConvnet.Trainer.Training.Messages;

namespace GpuConvnet.Trainer.Training;

/// <summary>A run that a worker was given.</summary>
internal sealed class WorkerRun : IDisposable
{
    private static readonly TimeSpan s_betweenReports = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop;
    private readonly CancellationTokenSource _drop;
    private readonly Lock _gate = new();
    private long _reported;
    private bool _hasEnded;

    /// <summary>Takes an order.</summary>
    /// <param name="order">The order.</param>
    /// <param name="interruption">Ends the run, as the order says.</param>
    public WorkerRun(TrainMessage order, CancellationToken interruption)
    {
        Order = order;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(order.IsDropped ? CancellationToken.None : interruption);
        _drop = CancellationTokenSource.CreateLinkedTokenSource(order.IsDropped ? interruption : CancellationToken.None);
    }

    /// <summary>The order.</summary>
    public TrainMessage Order { get; }

    /// <summary>Ends it at the next evaluation.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Ends it where it is.</summary>
    public CancellationToken Drop => _drop.Token;

    /// <summary>How far it is.</summary>
    public TrainedMessage Latest { get; private set; } = new(Steps: 0, Seconds: 0);

    /// <summary>Takes down how far it is.</summary>
    /// <returns>Whether it is time to say so.</returns>
    public bool Report(long steps, double seconds)
    {
        Latest = new TrainedMessage(steps, seconds);
        if (Stopwatch.GetElapsedTime(_reported) < s_betweenReports)
        {
            return false;
        }

        _reported = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>Ends the run; one that has ended is left alone.</summary>
    /// <param name="isDropped">Whether where it is.</param>
    public void Cancel(bool isDropped)
    {
        lock (_gate)
        {
            if (!_hasEnded)
            {
                (isDropped ? _drop : _stop).Cancel();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _stop.Dispose();
            _drop.Dispose();
        }
    }
}
