namespace GpuConvnet.Simulator.Ptx;

/// <summary>What a group's warps did from one barrier to the next.</summary>
/// <param name="Warps">Of each warp.</param>
internal sealed record PtxStage(PtxCounts[] Warps)
{
    /// <summary>All warps together.</summary>
    public PtxCounts Sum => PtxCounts.Sum(Warps);
}
