namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>What Linux counts of a thread, by <c>perf_event_open</c>'s numbers: the event's type above its configuration.</summary>
internal enum CounterKind : long
{
    /// <summary>PERF_COUNT_SW_TASK_CLOCK: how long it was on a core.</summary>
    TaskNanoseconds = (1L << 32) | 1,

    /// <summary>PERF_COUNT_SW_PAGE_FAULTS.</summary>
    PageFaults = (1L << 32) | 2,

    /// <summary>PERF_COUNT_HW_CPU_CYCLES.</summary>
    Cycles = 0,

    /// <summary>PERF_COUNT_HW_INSTRUCTIONS.</summary>
    Instructions = 1,

    /// <summary>PERF_COUNT_HW_STALLED_CYCLES_BACKEND.</summary>
    StalledCycles = 8,

    /// <summary>PERF_COUNT_HW_CACHE_L1D, reads that missed.</summary>
    CacheMisses = (3L << 32) | (1 << 16),
}
