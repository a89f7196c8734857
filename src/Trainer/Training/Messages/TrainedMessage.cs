namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>How far a run is.</summary>
/// <param name="Steps">The steps of the run so far.</param>
/// <param name="Seconds">The seconds since it began.</param>
internal sealed record TrainedMessage(long Steps, double Seconds) : Message;
