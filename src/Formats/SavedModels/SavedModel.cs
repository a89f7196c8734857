namespace GpuConvnet.Formats.SavedModels;

/// <summary>The parameters of a trained network, and what the file says about them.</summary>
/// <param name="Parameters">9,760 parameters in contract order, all finite.</param>
/// <param name="Metadata">Texts by key: which network it is, how and on which digits it was trained.</param>
public sealed record SavedModel(float[] Parameters, IReadOnlyDictionary<string, string> Metadata);
