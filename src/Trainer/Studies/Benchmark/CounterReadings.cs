namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>What was counted while something ran; null what the machine does not count, or does not show.</summary>
/// <param name="BusyCores">How many cores the program kept busy, on average: fewer than it has threads where they wait.</param>
/// <param name="InstructionsPerCycle">Instructions that ended in a cycle.</param>
/// <param name="StalledCycles">The share of cycles in which none went on because a result or memory was waited for.</param>
/// <param name="CacheMissesPerThousand">Loads that the first cache did not have, of a thousand instructions.</param>
/// <param name="PageFaults">Pages that the kernel had to bring.</param>
/// <param name="Missing">Why something is null; null where nothing is.</param>
internal sealed record CounterReadings(
    double? BusyCores,
    double? InstructionsPerCycle,
    double? StalledCycles,
    double? CacheMissesPerThousand,
    double? PageFaults,
    string? Missing)
{
    /// <summary>The readings of what counters say.</summary>
    /// <param name="counts">By each counter; those that could not be opened are left out.</param>
    /// <param name="seconds">By the wall clock.</param>
    /// <param name="missing">Why some are left out.</param>
    public static CounterReadings Of(IReadOnlyDictionary<CounterKind, double> counts, double seconds, string? missing)
    {
        return new CounterReadings(
            Ratio(Count(CounterKind.TaskNanoseconds) * 1e-9, seconds),
            Ratio(Count(CounterKind.Instructions), Count(CounterKind.Cycles)),
            Ratio(Count(CounterKind.StalledCycles), Count(CounterKind.Cycles)),
            Ratio(1_000 * Count(CounterKind.CacheMisses), Count(CounterKind.Instructions)),
            Count(CounterKind.PageFaults),
            missing);

        double? Count(CounterKind kind) => counts.TryGetValue(kind, out double count) ? count : null;

        static double? Ratio(double? part, double? whole) => whole > 0 ? part / whole : null;
    }
}
