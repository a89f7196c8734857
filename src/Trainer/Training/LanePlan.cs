namespace GpuConvnet.Trainer.Training;

/// <summary>How runs are shared out among what trains.</summary>
/// <param name="Jobs">How many of those on the CPU to train at a time; 1 keeps to the order of all.</param>
/// <param name="Threads">The most threads of a run on the CPU; 0 for one per core.</param>
internal sealed record LanePlan(int Jobs, int Threads);
