namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>How near a step on the host comes to what its cores can do, and what the rest waits for.</summary>
/// <param name="Cores">How many cores it can use.</param>
/// <param name="OfPeak">Its operations a second, as a share of what so many cores can do at most.</param>
/// <param name="Shares">Where its time goes; null where a step is not taken apart.</param>
/// <param name="Counters">What the kernel and the processor counted meanwhile.</param>
internal sealed record HostStepAnatomy(int Cores, double OfPeak, IReadOnlyList<TimeShare>? Shares, CounterReadings Counters);
