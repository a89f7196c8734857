namespace GpuConvnet.Kernels.Accelerators;

/// <summary>What a device can do at most, and how that is known.</summary>
/// <param name="OperationsPerSecond">Float32 operations, two a fused multiply-add; null where it cannot be known.</param>
/// <param name="BytesPerSecond">Of its memory; null where it cannot be known.</param>
/// <param name="Source">From what these were computed or how they were measured, or why they are unknown.</param>
internal sealed record DevicePeak(double? OperationsPerSecond, double? BytesPerSecond, string Source)
{
    /// <summary>The float32 peak that a CUDA device's own description gives.</summary>
    /// <param name="multiprocessors">Its multiprocessors.</param>
    /// <param name="major">The first number of its compute capability.</param>
    /// <param name="minor">The second.</param>
    /// <param name="clockKilohertz">Its highest clock; 0 where the driver does not say.</param>
    /// <param name="memoryKilohertz">Its memory's highest clock, of which both edges carry data; 0 likewise.</param>
    /// <param name="busBits">The width of its memory's bus; 0 likewise.</param>
    public static DevicePeak OfCuda(
        int multiprocessors, int major, int minor, int clockKilohertz, int memoryKilohertz, int busBits)
    {
        int? cores = CoresOfMultiprocessor(major, minor);
        double? operations = cores is { } known && clockKilohertz > 0
            ? 2.0 * multiprocessors * known * clockKilohertz * 1e3
            : null;
        double? bytes = memoryKilohertz > 0 && busBits > 0 ? 2.0 * memoryKilohertz * 1e3 * busBits / 8 : null;
        string arithmetic = cores is null
            ? FormattableString.Invariant(
                $"float32 peak unknown: no count of cores is known for compute capability {major}.{minor}")
            : clockKilohertz <= 0
                ? "float32 peak unknown: the driver reports no clock"
                : FormattableString.Invariant(
                    $"{multiprocessors} multiprocessors x {cores} cores x 2 x {clockKilohertz / 1e6:F2} GHz");
        string memory = bytes is null
            ? "memory peak unknown: the driver reports no memory clock or bus"
            : FormattableString.Invariant($"{busBits} bits x 2 x {memoryKilohertz / 1e6:F2} GHz");
        return new DevicePeak(operations, bytes, $"computed from what the driver tells: {arithmetic}; {memory}");
    }

    /// <summary>
    /// Float32 cores of a multiprocessor (CUDA C++ Programming Guide, arithmetic throughput by compute capability);
    /// null for one that the guide did not know when this was written.
    /// </summary>
    private static int? CoresOfMultiprocessor(int major, int minor) => (major, minor) switch
    {
        (3, _) => 192,
        (5, _) => 128,
        (6, 0) => 64,
        (6, _) => 128,
        (7, _) => 64,
        (8, 0) => 64,
        (8, _) => 128,
        (9, 0) => 128,
        (10, _) => 128,
        (12, _) => 128,
        _ => null,
    };
}
