namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>Why a run diverged: what <c>diverged.json</c> holds, in a run that would do so again.</summary>
/// <param name="Steps">The steps after which it was seen.</param>
/// <param name="Message">What was seen, and what to do; a sentence or two.</param>
internal sealed record RunDivergence(long Steps, string Message);
