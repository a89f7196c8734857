using System.Runtime.InteropServices;
using System.Text;

namespace GpuConvnet.Mpi;

/// <summary>
/// The functions of an MPI library that is installed. There are two ways in which C programs are compiled for MPI: with Open
/// MPI's handles, which are addresses of objects that the library exports, and with MPICH's, which are numbers. Which one a
/// library has is told by what it exports.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    /// <summary>Names a library to load, by its path or file name.</summary>
    public const string Variable = "GPUCONVNET_MPI";

    private const int ThreadSerialized = 2;
    private const int MostNameBytes = 8192;

    private readonly delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int> _initThread;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _commRank;
    private readonly delegate* unmanaged[Cdecl]<nint, int*, int> _commSize;
    private readonly delegate* unmanaged[Cdecl]<nint, nint*, int> _duplicate;
    private readonly delegate* unmanaged[Cdecl]<byte*, int*, int> _version;
    private readonly delegate* unmanaged[Cdecl]<void*, int*, int*, nint, void*, int*, int*, nint, nint, nint*, int> _allToAll;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, nint, nint*, int> _allGather;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int> _broadcast;
    private readonly delegate* unmanaged[Cdecl]<nint, nint*, int> _barrier;
    private readonly delegate* unmanaged[Cdecl]<nint*, int*, Status*, int> _test;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int> _send;
    private readonly delegate* unmanaged[Cdecl]<int, int, nint, int*, Status*, int> _probe;
    private readonly delegate* unmanaged[Cdecl]<Status*, nint, int*, int> _count;
    private readonly delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, Status*, int> _receive;
    private readonly delegate* unmanaged[Cdecl]<nint, int, int> _abort;
    private readonly delegate* unmanaged[Cdecl]<int> _finalize;
    private readonly nint _world;
    private readonly nint _byte;
    private readonly int _anySource;
    private readonly bool _isOpenMpi;
    private nint _end;

    private MpiLibrary(nint handle)
    {
        _isOpenMpi = NativeLibrary.TryGetExport(handle, "ompi_mpi_comm_world", out _world);
        if (_isOpenMpi)
        {
            _byte = NativeLibrary.GetExport(handle, "ompi_mpi_byte");
        }
        else
        {
            // mpi.h of MPICH, and of those who keep to its binary interface: Intel MPI, MVAPICH, Cray MPICH, Microsoft MPI.
            _world = 0x44000000;
            _byte = 0x4c00010d;
        }

        _anySource = _isOpenMpi ? -1 : -2;
        _initThread = (delegate* unmanaged[Cdecl]<int*, byte***, int, int*, int>)Function("MPI_Init_thread");
        _commRank = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_rank");
        _commSize = (delegate* unmanaged[Cdecl]<nint, int*, int>)Function("MPI_Comm_size");
        _duplicate = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Function("MPI_Comm_dup");
        _version = (delegate* unmanaged[Cdecl]<byte*, int*, int>)Function("MPI_Get_library_version");
        _allToAll = (delegate* unmanaged[Cdecl]<void*, int*, int*, nint, void*, int*, int*, nint, nint, nint*, int>)
            Function("MPI_Ialltoallv");
        _allGather = (delegate* unmanaged[Cdecl]<void*, int, nint, void*, int*, int*, nint, nint, nint*, int>)
            Function("MPI_Iallgatherv");
        _broadcast = (delegate* unmanaged[Cdecl]<void*, int, nint, int, nint, nint*, int>)Function("MPI_Ibcast");
        _barrier = (delegate* unmanaged[Cdecl]<nint, nint*, int>)Function("MPI_Ibarrier");
        _test = (delegate* unmanaged[Cdecl]<nint*, int*, Status*, int>)Function("MPI_Test");
        _send = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, nint*, int>)Function("MPI_Isend");
        _probe = (delegate* unmanaged[Cdecl]<int, int, nint, int*, Status*, int>)Function("MPI_Iprobe");
        _count = (delegate* unmanaged[Cdecl]<Status*, nint, int*, int>)Function("MPI_Get_count");
        _receive = (delegate* unmanaged[Cdecl]<void*, int, nint, int, int, nint, Status*, int>)Function("MPI_Recv");
        _abort = (delegate* unmanaged[Cdecl]<nint, int, int>)Function("MPI_Abort");
        _finalize = (delegate* unmanaged[Cdecl]<int>)Function("MPI_Finalize");

        void* Function(string name) => (void*)NativeLibrary.GetExport(handle, name);
    }

    /// <summary>Loads the library that goes with a launcher.</summary>
    /// <param name="launch">What started this process.</param>
    /// <exception cref="MpiException">There is none, or it is none.</exception>
    public static MpiLibrary Load(MpiLaunch launch)
    {
        string[] names = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? [named] : NamesFor(launch.IsOpenMpi);
        foreach (string name in names)
        {
            if (!TryLoad(name, out nint handle))
            {
                continue;
            }

            try
            {
                return new MpiLibrary(handle);
            }
            catch (EntryPointNotFoundException missing)
            {
                throw new MpiException(
                    $"{name} is no MPI library of version 3 or newer: {missing.Message} Name another one: {Variable}=/path/to/libmpi.so.",
                    missing);
            }
        }

        throw new MpiException(
            $"{launch.Launcher} started {(launch.Size is { } size ? $"{size} ranks" : "this")}, and its library cannot be loaded: none of "
            + $"{string.Join(", ", names)} is there. Install it (on Debian libopenmpi3 or libmpich12), or name it: "
            + $"{Variable}=/path/to/libmpi.so. Without mpirun the program needs no MPI.");
    }

    /// <summary>Initialises MPI, to be called by one thread at a time.</summary>
    /// <returns>This process's rank, and how many there are.</returns>
    /// <exception cref="MpiException">The library cannot be called by more than the main thread.</exception>
    public (int Rank, int Size) Initialise()
    {
        int provided;
        _initThread(null, null, ThreadSerialized, &provided);
        int rank;
        int size;
        _commRank(_world, &rank);
        _commSize(_world, &size);

        // Who ends waits apart: what others are still in the middle of must not be taken for it.
        nint end = 0;
        _duplicate(_world, &end);
        _end = end;
        return provided >= ThreadSerialized
            ? (rank, size)
            : throw new MpiException($"{Version()} was built without threads (MPI_THREAD_SERIALIZED). Use a build that has them.");
    }

    /// <summary>The library's own name and version.</summary>
    public string Version()
    {
        byte[] text = new byte[MostNameBytes];
        int length;
        fixed (byte* start = text)
        {
            _version(start, &length);
        }

        // MPICH adds how it was configured, line by line; both end with a 0.
        string[] lines = Encoding.UTF8.GetString(text, 0, Math.Clamp(length, 0, MostNameBytes)).TrimEnd('\0').Split('\n');
        return string.Join(' ', lines[0].Split(',')[0].Replace("Version:", "", StringComparison.Ordinal)
            .Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>Begins an exchange of bytes between all.</summary>
    public nint AllToAll(void* send, int* sendCounts, int* sendStarts, void* receive, int* receiveCounts, int* receiveStarts)
    {
        nint request = 0;
        _allToAll(send, sendCounts, sendStarts, _byte, receive, receiveCounts, receiveStarts, _byte, _world, &request);
        return request;
    }

    /// <summary>Begins to give all ranks the bytes of each.</summary>
    public nint AllGather(void* own, int count, void* all, int* counts, int* starts)
    {
        nint request = 0;
        _allGather(own, count, _byte, all, counts, starts, _byte, _world, &request);
        return request;
    }

    /// <summary>Begins to give all ranks the bytes of the first.</summary>
    public nint Broadcast(void* values, int count)
    {
        nint request = 0;
        _broadcast(values, count, _byte, 0, _world, &request);
        return request;
    }

    /// <summary>Begins to wait until all have come to their end.</summary>
    public nint EndBarrier()
    {
        nint request = 0;
        _barrier(_end, &request);
        return request;
    }

    /// <summary>Begins to send bytes.</summary>
    public nint Send(void* message, int count, int rank)
    {
        nint request = 0;
        _send(message, count, _byte, rank, 0, _world, &request);
        return request;
    }

    /// <summary>Whether something that was begun is done; it goes on meanwhile.</summary>
    public bool IsDone(ref nint request)
    {
        Status status;
        int done;
        nint pending = request;
        _test(&pending, &done, &status);
        request = pending;
        return done != 0;
    }

    /// <summary>Takes a message, if one is there.</summary>
    public bool TryReceive(out int rank, out byte[] message)
    {
        Status status;
        int isThere;
        _probe(_anySource, 0, _world, &isThere, &status);
        if (isThere == 0)
        {
            rank = -1;
            message = [];
            return false;
        }

        int count;
        _count(&status, _byte, &count);
        rank = _isOpenMpi ? status.OpenMpiSource : status.MpichSource;
        message = new byte[count];
        fixed (byte* start = message)
        {
            // A message of no bytes has no address.
            byte none;
            _receive(start is null ? &none : start, count, _byte, rank, 0, _world, &status);
        }

        return true;
    }

    /// <summary>Ends all processes.</summary>
    public void Abort(int code) => _abort(_world, code);

    /// <summary>Ends MPI; all ranks call it.</summary>
    public void Finish() => _finalize();

    private static string[] NamesFor(bool isOpenMpi)
    {
        if (OperatingSystem.IsWindows())
        {
            return ["msmpi.dll"];
        }

        string[] openMpi = ["libmpi.so.40", "libmpi.so.80", "libmpi.40.dylib"];
        string[] mpich = ["libmpich.so.12", "libmpi.so.12", "libmpi_cray.so.12", "libmpi.12.dylib"];
        return isOpenMpi ? [.. openMpi, "libmpi.so", "libmpi.dylib", .. mpich] : [.. mpich, "libmpi.so", "libmpi.dylib", .. openMpi];
    }

    /// <summary>Loads a library so that what it loads itself finds its symbols: Open MPI's plug-ins do not name it.</summary>
    private static bool TryLoad(string name, out nint handle)
    {
        if (OperatingSystem.IsWindows())
        {
            return NativeLibrary.TryLoad(name, out handle);
        }

        const int Now = 2;
        int global = OperatingSystem.IsLinux() ? 0x100 : 0x8;
        handle = DynamicLinker.Open(name, Now | global);
        return handle != 0;
    }

    /// <summary>MPI_Status of both, whose fields lie in different orders.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Status
    {
        [FieldOffset(0)]
        public int OpenMpiSource;

        [FieldOffset(8)]
        public int MpichSource;
    }
}
