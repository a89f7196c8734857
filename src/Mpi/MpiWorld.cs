using System.Diagnostics;
using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Mpi;

/// <summary>
/// All processes that <c>mpirun</c> started. What is collective is begun, and then asked after until it is done: so a rank whose
/// partner is late does not keep a core from it, and any thread may call, one at a time.
/// </summary>
public sealed unsafe class MpiWorld : IRanks, IMessages
{
    private const int SpinsBeforeYielding = 2_000;
    private static readonly TimeSpan s_beforeSleeping = TimeSpan.FromMilliseconds(200);

    private readonly MpiLibrary _library;
    private readonly Lock _gate = new();
    private readonly RankPlace _place;

    private MpiWorld(MpiLibrary library, int rank, int size)
    {
        _library = library;
        Rank = rank;
        Size = size;
        Library = library.Version();
        _place = RankPlace.Of(this);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <inheritdoc/>
    public int LocalRank => _place.LocalRank;

    /// <inheritdoc/>
    public int LocalSize => _place.LocalSize;

    /// <inheritdoc/>
    public int Threads => _place.Threads;

    /// <summary>The library's own name and version.</summary>
    public string Library { get; }

    /// <summary>How many machines there are.</summary>
    public int Machines => _place.Machines;

    /// <summary>What a user should know about cores that no rank may use; null for nothing.</summary>
    public string? Note => _place.Note;

    /// <summary>Begins MPI where a launcher of it started this process.</summary>
    /// <param name="launch">What the launcher says; null where there is none.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="MpiException">The library is not there, is not the launcher's, or cannot be used.</exception>
    public static MpiWorld? Start(MpiLaunch? launch)
    {
        if (launch is null)
        {
            return null;
        }

        MpiLibrary library = MpiLibrary.Load(launch);
        (int rank, int size) = library.Initialise();
        if (size == 1 && launch.Size is > 1)
        {
            string version = library.Version();
            library.Finish();
            throw new MpiException(
                $"{launch.Launcher} started {launch.Size} ranks, but the library that was found is {version}, in which each of them is "
                + $"alone. Use the launcher of that library, or name the launcher's own: {MpiLibrary.Variable}=/path/to/libmpi.so.");
        }

        return new MpiWorld(library, rank, size);
    }

    /// <inheritdoc/>
    public void AllToAll(
        ReadOnlySpan<float> send, ReadOnlySpan<int> sendCounts, Span<float> receive, ReadOnlySpan<int> receiveCounts)
    {
        (int[] sent, int[] sentFrom) = Bytes(sendCounts, sizeof(float));
        (int[] received, int[] receivedTo) = Bytes(receiveCounts, sizeof(float));
        fixed (float* from = send, to = receive)
        fixed (int* counts = sent, starts = sentFrom, toCounts = received, toStarts = receivedTo)
        {
            nint request;
            lock (_gate)
            {
                request = _library.AllToAll(from, counts, starts, to, toCounts, toStarts);
            }

            Wait(request);
        }
    }

    /// <inheritdoc/>
    public void AllGather<T>(ReadOnlySpan<T> own, Span<T> all, ReadOnlySpan<int> counts)
        where T : unmanaged
    {
        (int[] lengths, int[] places) = Bytes(counts, sizeof(T));
        fixed (T* from = own, to = all)
        fixed (int* sizes = lengths, starts = places)
        {
            nint request;
            lock (_gate)
            {
                request = _library.AllGather(from, own.Length * sizeof(T), to, sizes, starts);
            }

            Wait(request);
        }
    }

    /// <inheritdoc/>
    public void Broadcast<T>(Span<T> values)
        where T : unmanaged
    {
        fixed (T* first = values)
        {
            nint request;
            lock (_gate)
            {
                request = _library.Broadcast(first, checked(values.Length * sizeof(T)));
            }

            Wait(request);
        }
    }

    /// <inheritdoc/>
    public void Send(int rank, ReadOnlySpan<byte> message)
    {
        fixed (byte* start = message)
        {
            nint request;
            byte none;
            lock (_gate)
            {
                request = _library.Send(start is null ? &none : start, message.Length, rank);
            }

            Wait(request);
        }
    }

    /// <inheritdoc/>
    public bool TryReceive(out int rank, out byte[] message)
    {
        lock (_gate)
        {
            return _library.TryReceive(out rank, out message);
        }
    }

    /// <summary>
    /// Ends this rank. It waits for the others, so that no launcher takes the end of one for that of all. One that failed does not
    /// wait for ever: those who have not failed too do not know of it, and are ended.
    /// </summary>
    /// <param name="exitCode">This rank's exit code.</param>
    /// <param name="patience">How long a rank that failed waits for the others; null for one that did not.</param>
    /// <param name="saysWhy">Whether this rank knows why it failed.</param>
    /// <param name="say">Says why, if it has not been said before. Of ranks that failed alike the first is asked.</param>
    public void End(int exitCode, TimeSpan? patience, bool saysWhy, Action say)
    {
        ArgumentNullException.ThrowIfNull(say);
        long begun = Stopwatch.GetTimestamp();
        nint barrier;
        lock (_gate)
        {
            barrier = _library.EndBarrier();
        }

        while (!IsDone(ref barrier))
        {
            if (patience is { } most && Stopwatch.GetElapsedTime(begun) > most)
            {
                say();
                Abort(exitCode);
                return;
            }

            Thread.Sleep(1);
        }

        byte[] know = new byte[Size];
        AllGather([saysWhy ? (byte)1 : (byte)0], know, [.. Enumerable.Repeat(1, Size)]);
        if (Array.IndexOf(know, (byte)1) == Rank)
        {
            say();
        }

        lock (_gate)
        {
            _library.Finish();
        }
    }

    /// <summary>Ends all ranks where they are.</summary>
    /// <param name="exitCode">The launcher's exit code.</param>
    public void Abort(int exitCode) => _library.Abort(exitCode);

    private bool IsDone(ref nint request)
    {
        lock (_gate)
        {
            return _library.IsDone(ref request);
        }
    }

    /// <summary>Waits: for a moment at full speed, then leaving the core to whoever wants it, in the end asleep.</summary>
    private void Wait(nint request)
    {
        for (int spin = 0; spin < SpinsBeforeYielding; spin++)
        {
            if (IsDone(ref request))
            {
                return;
            }
        }

        long begun = Stopwatch.GetTimestamp();
        while (!IsDone(ref request))
        {
            if (Stopwatch.GetElapsedTime(begun) < s_beforeSleeping)
            {
                Thread.Yield();
            }
            else
            {
                Thread.Sleep(1);
            }
        }
    }

    private static (int[] Counts, int[] Starts) Bytes(ReadOnlySpan<int> counts, int size)
    {
        int[] bytes = new int[counts.Length];
        int[] starts = new int[counts.Length];
        int start = 0;
        for (int rank = 0; rank < counts.Length; rank++)
        {
            bytes[rank] = checked(counts[rank] * size);
            starts[rank] = start;
            start = checked(start + bytes[rank]);
        }

        return (bytes, starts);
    }
}
