namespace GpuConvnet.Trainer.Runs.Results;

/// <summary>The parameters of a trained network, and what the file says about them.</summary>
/// <param name="Parameters">9,760 parameters in contract order, all finite.</param>
/// <param name="Metadata">Texts by key; see <see cref="ModelMetadata"/> for those that this program writes.</param>
public sealed record SavedModel(float[] Parameters, IReadOnlyDictionary<string, string> Metadata);
