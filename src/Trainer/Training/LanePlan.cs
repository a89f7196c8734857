namespace GpuConvnet.Trainer.Training;

/// <summary>How runs are shared out among what trains.</summary>
/// <param name="Jobs">
/// How many of those on the CPU a process trains at a time, 1 keeping to the order of all where there is one process; null for one
/// per core.
/// </param>
/// <param name="Threads">The most threads of a run on the CPU; 0 for one per core.</param>
/// <param name="Workers">The other processes that train; null for none. They have opened what trains the runs.</param>
internal sealed record LanePlan(int? Jobs, int Threads, Workers? Workers = null)
{
    /// <summary>How many of those on the CPU this process trains at a time.</summary>
    public int OwnJobs => Jobs ?? Workers?.Threads ?? Environment.ProcessorCount;

    /// <summary>The most threads of a run on the CPU of this process; 0 for one per core.</summary>
    public int OwnThreads => Threads > 0 ? Threads : Workers?.Threads ?? 0;
}
