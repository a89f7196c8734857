using System.Diagnostics;

namespace GpuConvnet.Trainer.Live.Board;

/// <summary>Holds trainings between two steps while the user has paused them. Safe for use by several threads.</summary>
internal sealed class LiveGate : IDisposable
{
    private readonly ManualResetEventSlim _open = new(initialState: true);
    private readonly Lock _gate = new();
    private bool _staysOpen;

    /// <summary>Whether trainings are held.</summary>
    public bool IsClosed => !_open.IsSet;

    /// <summary>Holds trainings at their next steps, unless it stays open.</summary>
    public void Close()
    {
        lock (_gate)
        {
            if (!_staysOpen)
            {
                _open.Reset();
            }
        }
    }

    /// <summary>Lets them go on to their ends: whoever closes it from now on comes too late.</summary>
    public void StayOpen()
    {
        lock (_gate)
        {
            _staysOpen = true;
            _open.Set();
        }
    }

    /// <summary>Lets them go on.</summary>
    public void Open() => _open.Set();

    /// <summary>Waits as long as it is closed; costs nothing while it is open.</summary>
    /// <returns>How long that was, in ticks of <see cref="Stopwatch"/>.</returns>
    public long Pass()
    {
        if (_open.IsSet)
        {
            return 0;
        }

        long since = Stopwatch.GetTimestamp();
        _open.Wait();
        return Stopwatch.GetTimestamp() - since;
    }

    /// <inheritdoc/>
    public void Dispose() => _open.Dispose();
}
