using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>The end of a run. The trained parameters go with it, if there are any.</summary>
/// <param name="Result">What came out; null where nothing did.</param>
/// <param name="Failure">What went wrong where nothing came out; null for a run that was dropped.</param>
/// <param name="IsDivergence">Whether it was the training that diverged.</param>
/// <param name="IsBadInput">Whether it was something that the user has to change.</param>
internal sealed record EndedMessage(RunResult? Result, string? Failure, bool IsDivergence, bool IsBadInput) : Message;
