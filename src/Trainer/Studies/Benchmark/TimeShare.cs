using GpuConvnet.Kernels.Accelerators;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>What a step on the host spends a part of its time on.</summary>
/// <param name="On">On what.</param>
/// <param name="Share">Of the step's time, from 0 to 1.</param>
internal sealed record TimeShare(string On, double Share)
{
    /// <summary>What is arithmetic, as fast as the processor can do it.</summary>
    public const string Arithmetic = "arithmetic at the peak's rate";

    /// <summary>What follows a pass's name where it takes longer than its arithmetic at the peak's rate.</summary>
    public const string Beyond = " beyond it";

    /// <summary>
    /// Takes a step apart: its arithmetic, what each pass takes beyond that, and what has no arithmetic of the network, as the update. A
    /// pass that leaves a border's products out may be faster than their peak; all of it is arithmetic then.
    /// </summary>
    /// <param name="parts">The step's passes and what goes on between them.</param>
    /// <param name="peak">What its cores can do at most.</param>
    /// <returns>The arithmetic first, the others from the largest to the smallest; they add up to 1.</returns>
    public static IReadOnlyList<TimeShare> Of(IReadOnlyCollection<PartMeasurement> parts, DevicePeak peak)
    {
        double whole = parts.Sum(part => part.Seconds.Median);
        double arithmetic = 0;
        List<TimeShare> others = [];
        foreach (PartMeasurement part in parts)
        {
            double seconds = part.Seconds.Median;
            double fastest = Math.Min(seconds, part.Operations / peak.OperationsPerSecond ?? 0);
            arithmetic += fastest;
            others.Add(new TimeShare(part.Part + (part.Operations > 0 ? Beyond : ""), (seconds - fastest) / whole));
        }

        return [new TimeShare(Arithmetic, arithmetic / whole), .. others.OrderByDescending(other => other.Share)];
    }
}
