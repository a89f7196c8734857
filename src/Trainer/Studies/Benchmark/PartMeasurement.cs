namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>A part of a step: a kernel on a device, a pass on the host.</summary>
/// <param name="Part">Its name.</param>
/// <param name="Launches">How often a step launches it; 1 on the host.</param>
/// <param name="Seconds">
/// What it takes of a step: on a device all its launches, on the host the threads' time divided by the threads.
/// </param>
/// <param name="MultiplyAccumulates">What it forms in a step; null where it is not known, as of other networks than that of 1989.</param>
/// <param name="Operations">Float32 operations: two a multiply-accumulate, and the biases' additions; null likewise.</param>
/// <param name="Bytes">
/// The least that memory has to move for it in a step; null likewise, and on the host, where caches hold it all.
/// </param>
internal sealed record PartMeasurement(
    string Part, int Launches, Timing Seconds, double? MultiplyAccumulates, double? Operations, double? Bytes)
{
    /// <summary>Float32 operations a second, by the median; null for what only moves numbers.</summary>
    public double? OperationsPerSecond => Operations > 0 && Seconds.Median > 0 ? Operations / Seconds.Median : null;

    /// <summary>Bytes a second, by the median.</summary>
    public double? BytesPerSecond => Seconds.Median > 0 ? Bytes / Seconds.Median : null;
}
