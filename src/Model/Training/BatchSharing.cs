using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Model.Training;

/// <summary>How a batch is cut, and who computes which of its slices.</summary>
/// <param name="Slices">The cut.</param>
/// <param name="Ranks">The processes that share every batch and evaluation; null for this one alone.</param>
internal readonly record struct BatchSharing(GradientSlices Slices, IRanks? Ranks = null)
{
    /// <summary>The slices, of so many, that are this process's.</summary>
    /// <param name="slices">Slices of the batch.</param>
    public SliceSpan Own(int slices) =>
        Ranks is null ? new SliceSpan(0, slices) : SliceSpan.Of(Ranks.Rank, Ranks.Size, slices);
}
