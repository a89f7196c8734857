namespace GpuConvnet.Trainer.Live.Board;

/// <summary>A network as it was at one moment; never changed.</summary>
/// <param name="Steps">The steps that it had taken.</param>
/// <param name="Values">Its parameters.</param>
internal sealed record LiveParameters(long Steps, float[] Values);
