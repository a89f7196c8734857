using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Live.Board;

/// <summary>Some of a series' points: what replaces those from a place on.</summary>
/// <param name="From">The place of the first; 0 replaces all.</param>
/// <param name="Points">The points that are kept.</param>
/// <param name="Last">The newest point, kept or not; null for none yet.</param>
internal sealed record LiveSeriesPart(int From, IReadOnlyList<double[]> Points, double[]? Last)
{
    /// <summary>Counts how often points were dropped.</summary>
    [JsonIgnore]
    public int Generation { get; init; }
}
