using GpuConvnet.Model.Ranks;

namespace GpuConvnet.Model.Digits;

/// <summary>A built-in training set that is drawn while it is trained on, for it is too long for memory.</summary>
/// <param name="Count">How many digits a pass presents.</param>
/// <param name="Seed">The set's seed.</param>
/// <param name="Batch">The digits of a step, which must be in memory together.</param>
internal sealed record StreamedSet(int Count, uint Seed, int Batch)
{
    /// <summary>A set of up to so many digits (100 MiB) is drawn once, before training.</summary>
    public const int MostResident = 100_000;

    /// <summary>The most digits of a set.</summary>
    public const int MostCount = 1_000_000_000;

    /// <summary>The most digits of a step.</summary>
    public const int MostBatch = 16_384;

    /// <summary>How many of a streamed set's first digits stand for it where the training split is evaluated.</summary>
    public const int SampleCount = 10_000;

    /// <summary>Which share of every batch is drawn ahead.</summary>
    public RankShare Share { get; init; } = RankShare.Whole;

    /// <summary>Whether a set is streamed: a long one in short batches.</summary>
    /// <param name="count">The set's digits.</param>
    /// <param name="batch">The digits of a step.</param>
    public static bool Suits(int count, int batch) => count > MostResident && batch <= MostBatch;
}
