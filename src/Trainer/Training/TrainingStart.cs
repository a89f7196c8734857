using GpuConvnet.Trainer.Runs.Results;

namespace GpuConvnet.Trainer.Training;

/// <summary>What a run starts from that does not draw its weights.</summary>
/// <param name="From">The name of it, for results and the user.</param>
/// <param name="Parameters">The parameters; read only, shared between runs.</param>
/// <param name="Pretraining">The run that trained them just before; null for a saved model.</param>
/// <param name="Note">How a saved model's file differs from those that this program writes; null if it does not.</param>
internal sealed record TrainingStart(string From, float[] Parameters, RunResult? Pretraining, string? Note = null);
