namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>A line for the user about a run.</summary>
/// <param name="Line">The line.</param>
internal sealed record SaidMessage(string Line) : Message;
