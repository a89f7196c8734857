namespace GpuConvnet.Trainer.Training;

/// <summary>What became of one of an ensemble's runs.</summary>
/// <param name="Outcome">What it leaves behind; null where there was no evaluation, or none that was a number.</param>
/// <param name="Failure">Why it did not come to its end, if that was no user; otherwise null.</param>
/// <param name="IsDivergence">Whether that was because its loss or a parameter is no number any more.</param>
/// <param name="TrainSeconds">How long it was trained, which is how long all of them were.</param>
internal sealed record EnsembleEnd(RunOutcome? Outcome, string? Failure, bool IsDivergence, double TrainSeconds);
