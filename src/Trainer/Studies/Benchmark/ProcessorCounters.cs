using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>
/// Linux's counters of this process's threads (<c>perf_event_open</c>): those of the kernel, and the processor's where the machine
/// shows them, which a virtual one seldom does.
/// </summary>
internal sealed partial class ProcessorCounters : IDisposable
{
    private const string Threads = "/proc/self/task";
    private const string Paranoid = "/proc/sys/kernel/perf_event_paranoid";
    private const int NotPermitted = 1;
    private const int NoSuchEvent = 2;
    private const int NoSuchThread = 3;
    private const int NotAllowed = 13;
    private const int NotSupported = 95;

    // struct perf_event_attr up to its version 5, which every kernel since 4.1 takes.
    private const int AttributeBytes = 112;
    private const long ReadsTimes = 0b11;
    private const long InheritedInUserMode = (1 << 1) | (1 << 5) | (1 << 6);
    private const long CloseOnExec = 1 << 3;

    private readonly List<(CounterKind Kind, int Descriptor)> _open = [];
    private readonly SortedDictionary<string, List<CounterKind>> _missing = new(StringComparer.Ordinal);

    private ProcessorCounters(IEnumerable<CounterKind> kinds)
    {
        if (CallNumber is not { } call)
        {
            _missing["they are read on Linux on x64 and arm64 alone"] = [.. kinds];
            return;
        }

        foreach (CounterKind kind in kinds)
        {
            if (Open(call, kind) is { } why)
            {
                (_missing.TryGetValue(why, out List<CounterKind>? others) ? others : _missing[why] = []).Add(kind);
            }
        }
    }

    private static long? CallNumber => !OperatingSystem.IsLinux() ? null : RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 298,
        Architecture.Arm64 => 241,
        _ => null,
    };

    /// <summary>Counts while something runs on threads that are there already, or that these start.</summary>
    /// <param name="work">What runs.</param>
    public static CounterReadings During(Action work)
    {
        using ProcessorCounters counters = new(Enum.GetValues<CounterKind>());
        Dictionary<CounterKind, double> before = counters.Read();
        long begun = Stopwatch.GetTimestamp();
        work();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return CounterReadings.Of(
            counters.Read().ToDictionary(count => count.Key, count => count.Value - before[count.Key]), seconds, counters.Missing);
    }

    /// <summary>Why a counter is not there.</summary>
    /// <param name="error">What <c>perf_event_open</c> left in errno.</param>
    public static string Reason(int error) => error switch
    {
        NoSuchEvent or NotSupported => "this machine does not show them, as virtual ones seldom do",
        NotAllowed or NotPermitted => "the kernel does not allow it"
            + (File.Exists(Paranoid) ? $": {Paranoid} is {File.ReadAllText(Paranoid).Trim()}" : ""),
        _ => Marshal.GetPInvokeErrorMessage(error),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, int descriptor) in _open)
        {
            _ = Close(descriptor);
        }
    }

    private string? Missing => _missing.Count == 0
        ? null
        : string.Join("; ", _missing.Select(reason => $"{string.Join(", ", reason.Value.Select(kind => kind.ToString()))}: {reason.Key}"));

    /// <summary>Opens a counter for each thread.</summary>
    /// <returns>Why it is not there; null if it is.</returns>
    private unsafe string? Open(long call, CounterKind kind)
    {
        byte* attribute = stackalloc byte[AttributeBytes];
        new Span<byte>(attribute, AttributeBytes).Clear();
        *(int*)attribute = (int)((long)kind >> 32);
        *(int*)(attribute + 4) = AttributeBytes;
        *(long*)(attribute + 8) = (uint)(long)kind;
        *(long*)(attribute + 32) = ReadsTimes;
        *(long*)(attribute + 40) = InheritedInUserMode;
        List<int> opened = [];
        foreach (string thread in Directory.GetDirectories(Threads))
        {
            int id = int.Parse(Path.GetFileName(thread), CultureInfo.InvariantCulture);
            int descriptor = (int)OpenEvent(call, attribute, id, cpu: -1, group: -1, CloseOnExec);
            int error = Marshal.GetLastPInvokeError();
            if (descriptor >= 0)
            {
                opened.Add(descriptor);
            }
            else if (error != NoSuchThread)
            {
                // Those of some threads alone would be no count.
                opened.ForEach(other => Close(other));
                return Reason(error);
            }
        }

        _open.AddRange(opened.Select(descriptor => (kind, descriptor)));
        return null;
    }

    /// <summary>What all threads have counted; where counters took turns, what they would have counted all the time.</summary>
    private unsafe Dictionary<CounterKind, double> Read()
    {
        Dictionary<CounterKind, double> sums = [];
        long* values = stackalloc long[3];
        foreach ((CounterKind kind, int descriptor) in _open)
        {
            if (ReadEvent(descriptor, values, 3 * sizeof(long)) != 3 * sizeof(long))
            {
                throw new IOException($"A counter cannot be read: {Marshal.GetLastPInvokeErrorMessage()}.");
            }

            double count = values[2] > 0 ? values[0] * ((double)values[1] / values[2]) : 0;
            sums[kind] = sums.GetValueOrDefault(kind) + count;
        }

        return sums;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static unsafe partial long OpenEvent(long call, void* attribute, int thread, int cpu, int group, long flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static unsafe partial nint ReadEvent(int descriptor, void* values, nint bytes);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
