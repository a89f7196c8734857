namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>What a run's folder holds of a run that ended.</summary>
/// <param name="Result">The result.</param>
/// <param name="Parameters">The trained parameters; null for a run that did not come to its end.</param>
internal sealed record FinishedRun(RunResult Result, float[]? Parameters);
