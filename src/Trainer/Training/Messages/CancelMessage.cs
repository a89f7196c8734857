namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>Tells a worker to end a run.</summary>
/// <param name="IsDropped">Whether the run ends where it is, and not at its next evaluation.</param>
internal sealed record CancelMessage(bool IsDropped) : Message;
