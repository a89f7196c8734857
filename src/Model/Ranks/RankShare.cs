namespace GpuConvnet.Model.Ranks;

/// <summary>Which of several processes' share.</summary>
/// <param name="Rank">The process, from 0.</param>
/// <param name="Size">How many there are.</param>
internal readonly record struct RankShare(int Rank, int Size)
{
    /// <summary>Everything, for a process that is alone.</summary>
    public static RankShare Whole { get; } = new(0, 1);

    /// <summary>The share of so many, which follow each other.</summary>
    public SliceSpan Of(int count) => SliceSpan.Of(Rank, Size, count);
}
