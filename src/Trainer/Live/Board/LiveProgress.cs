namespace GpuConvnet.Trainer.Live.Board;

/// <summary>How far a run is.</summary>
/// <param name="Steps">The steps of the run so far.</param>
/// <param name="Seconds">The seconds since it began, pauses not counted.</param>
internal sealed record LiveProgress(long Steps, double Seconds);
