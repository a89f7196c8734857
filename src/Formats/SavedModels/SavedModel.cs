using GpuConvnet.Model.Network;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>The parameters of a trained network, and what the file says about them.</summary>
/// <param name="Parameters">The parameters in the order of <see cref="Parts"/>, all finite.</param>
/// <param name="Metadata">Texts by key: which network it is, how and on which digits it was trained.</param>
public sealed record SavedModel(float[] Parameters, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The parts of the network; unless told the eight of 1989's.</summary>
    public IReadOnlyList<ParameterPart> Parts { get; init; } = Model.Network.Parameters.Parts;

    /// <summary>How the file differs from those that this program writes, for its user to know; null if it does not.</summary>
    public string? Note { get; init; }
}
