namespace GpuConvnet.Model.Ranks;

/// <summary>Slices of a batch that follow each other.</summary>
/// <param name="First">The first.</param>
/// <param name="End">The one after the last; the first where there are none.</param>
internal readonly record struct SliceSpan(int First, int End)
{
    /// <summary>How many there are.</summary>
    public int Count => End - First;

    /// <summary>The slices that are a rank's to compute: as many as another's, but for one.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="ranks">How many ranks there are.</param>
    /// <param name="slices">Slices of the batch.</param>
    public static SliceSpan Of(int rank, int ranks, int slices) =>
        new((int)((long)rank * slices / ranks), (int)((long)(rank + 1) * slices / ranks));
}
