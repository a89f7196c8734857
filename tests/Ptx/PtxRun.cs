namespace GpuConvnet.Tests.Ptx;

/// <summary>What came of a launch.</summary>
/// <param name="Stages">Of each group, what it did from barrier to barrier.</param>
/// <param name="Races">Every pair of instructions that raced.</param>
internal sealed record PtxRun(IReadOnlyList<IReadOnlyList<PtxStage>> Stages, IReadOnlyList<string> Races);
