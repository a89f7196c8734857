namespace GpuConvnet.Simulator.Ptx;

/// <summary>What came of a launch.</summary>
/// <param name="Launch">The launch.</param>
/// <param name="Stages">Of each group, what it did from barrier to barrier.</param>
/// <param name="Races">Every pair of instructions that raced.</param>
/// <param name="BrokenPromises">
/// Every branch that is written <c>bra.uni</c>, which promises that lanes do not part there, and at which they did: PTX does
/// not define what happens then. Here they go both ways.
/// </param>
internal sealed record PtxRun(
    PtxLaunch Launch, IReadOnlyList<IReadOnlyList<PtxStage>> Stages,
    IReadOnlyList<string> Races, IReadOnlyCollection<string> BrokenPromises);
