namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// The cycles that a multiprocessor needs at least for a stage of some groups, by what it runs out of. The largest is the
/// stage's time if everything else hides behind it.
/// </summary>
/// <param name="Issue">A scheduler's instructions.</param>
/// <param name="Arithmetic">A scheduler's float arithmetic, or its integers.</param>
/// <param name="Tensor">A scheduler's tensor core.</param>
/// <param name="Memory">Accesses to shared memory and first-level cache, which share a data path.</param>
/// <param name="SecondLevel">What comes from further away, and what is written.</param>
/// <param name="Chain">The slowest warp, alone.</param>
internal readonly record struct PtxLimits(
    double Issue, double Arithmetic, double Tensor, double Memory, double SecondLevel, double Chain)
{
    public double Most => Math.Max(
        Math.Max(Math.Max(Issue, Arithmetic), Math.Max(Memory, SecondLevel)), Math.Max(Tensor, Chain));

    /// <summary>What the stage is limited by.</summary>
    public string Name => Most == Chain ? "latency"
        : Most == Memory ? "shared, L1"
        : Most == SecondLevel ? "L2"
        : Most == Issue ? "issue"
        : Most == Tensor ? "tensor cores"
        : "arithmetic";

    /// <summary>The limits of a stage.</summary>
    /// <param name="stage">One group's.</param>
    /// <param name="groups">Groups that are at it at the same time.</param>
    /// <param name="gpu">The GPU.</param>
    /// <param name="hasIntegers">Whether all the integer arithmetic is counted that PTX has, or none of it.</param>
    public static PtxLimits Of(PtxStage stage, int groups, PtxGpu gpu, bool hasIntegers)
    {
        PtxCounts[] schedulers = [.. stage.Warps.Select((warp, index) => (warp, index))
            .GroupBy(pair => pair.index % PtxGpu.Schedulers, pair => pair.warp).Select(PtxCounts.Sum)];
        PtxCounts all = stage.Sum;
        double floats = schedulers.Max(one => one.FloatSlots) * PtxWarp.Lanes / (double)gpu.FloatLanes;
        double integers = schedulers.Max(one => one.IntegerSlots) * PtxWarp.Lanes / (double)PtxGpu.IntegerLanes;
        return new PtxLimits(
            groups * (hasIntegers ? schedulers.Max(one => one.MostSlots) : schedulers.Max(one => one.LeastSlots)),
            groups * (hasIntegers ? Math.Max(floats, integers) : floats),
            groups * schedulers.Max(one => one.TensorProducts) * gpu.TensorCycles,
            groups * (all.SharedWavefronts + all.GlobalWavefronts),
            groups * (all.MissedSectors + all.StoredSectors) * 32.0 / PtxGpu.BytesOfSecondLevel,
            all.Chain);
    }

    /// <summary>Of stages that take each other's place as soon as there is some.</summary>
    public static PtxLimits operator +(PtxLimits one, PtxLimits other) => new(
        one.Issue + other.Issue, one.Arithmetic + other.Arithmetic, one.Tensor + other.Tensor, one.Memory + other.Memory,
        one.SecondLevel + other.SecondLevel, one.Chain + other.Chain);

    public static PtxLimits Add(PtxLimits left, PtxLimits right) => left + right;
}
