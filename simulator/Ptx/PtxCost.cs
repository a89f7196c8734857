namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// What instructions cost on an NVIDIA GPU since Volta, in round figures: from public microbenchmarks, not measured here.
/// </summary>
internal static class PtxCost
{
    /// <summary>Cycles until a load from shared memory has its value.</summary>
    public const int SharedLatency = 30;

    /// <summary>Cycles until a load has its value from the first-level cache.</summary>
    public const int CachedLatency = 40;

    /// <summary>Cycles until a load has its value from the second-level cache.</summary>
    public const int MemoryLatency = 270;

    /// <summary>Warp instructions that the driver's compiler makes of one.</summary>
    public static int Slots(PtxClass kind) => kind switch
    {
        PtxClass.Free => 0,
        PtxClass.Division => 9,
        PtxClass.IntegerDivision => 6,
        PtxClass.Special => 2,
        _ => 1,
    };

    /// <summary>Cycles until the result of something other than a load is there.</summary>
    public static int Latency(PtxClass kind) => kind switch
    {
        PtxClass.Free => 0,
        PtxClass.Division => 50,
        PtxClass.IntegerDivision => 25,
        PtxClass.Special => 25,
        PtxClass.Barrier => 20,

        // What ptxas 11.8 leaves between two of which one needs the other's result, for sm_80 and sm_90 alike.
        PtxClass.Tensor => 24,
        _ => 4,
    };
}
