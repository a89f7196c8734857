namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How long an experiment trains until an evaluation finds it as good as the article's.</summary>
/// <param name="TargetMisses">The test misses that are good enough.</param>
/// <param name="TargetSource">Where that number comes from.</param>
/// <param name="IsReached">Whether an evaluation found as few.</param>
/// <param name="TestMisses">The misses of that evaluation, or the fewest of all.</param>
/// <param name="Steps">The steps until then.</param>
/// <param name="TrainSeconds">The seconds of training until then, without evaluations.</param>
/// <param name="TotalSeconds">With evaluations, and with those steps that were under way meanwhile.</param>
/// <param name="Seed">The seed: one, so that this is an example, not a statistic.</param>
internal sealed record AccuracyMeasurement(
    int TargetMisses,
    string TargetSource,
    bool IsReached,
    int TestMisses,
    long Steps,
    double TrainSeconds,
    double TotalSeconds,
    uint Seed);
