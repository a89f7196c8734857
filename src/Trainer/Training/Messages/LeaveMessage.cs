namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>Tells a worker that there is no more to do; and its answer, the last of its messages.</summary>
internal sealed record LeaveMessage : Message;
