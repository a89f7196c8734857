namespace GpuConvnet.Trainer.Studies.Communication;

/// <summary>What a step would take on other machines.</summary>
/// <param name="Network">Between them.</param>
/// <param name="Ranks">How many, one per machine.</param>
/// <param name="StepSeconds">A step.</param>
/// <param name="ExchangeSeconds">The exchange's part of it.</param>
/// <param name="Speedup">How many times faster than one rank.</param>
internal sealed record RanksPrediction(
    string Network, int Ranks, double StepSeconds, double ExchangeSeconds, double Speedup);
