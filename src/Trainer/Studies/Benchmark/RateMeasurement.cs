namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How long some examples take together.</summary>
/// <param name="Examples">How many examples.</param>
/// <param name="Seconds">How long they take.</param>
/// <param name="Operations">Float32 operations on them: the network's multiply-accumulates, two each.</param>
internal sealed record RateMeasurement(int Examples, Timing Seconds, double Operations)
{
    /// <summary>Examples a second, by the median.</summary>
    public double ExamplesPerSecond => Examples / Seconds.Median;

    /// <summary>Float32 operations a second, by the median.</summary>
    public double OperationsPerSecond => Operations / Seconds.Median;
}
