using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>One file of a data set, as <c>trainer data</c> finds it.</summary>
/// <param name="Name">Its plain name.</param>
/// <param name="Path">Where it is; null if it is missing.</param>
/// <param name="Bytes">Its size there, compressed or not.</param>
/// <param name="Sha256">The checksum of its decompressed content.</param>
/// <param name="State"><c>good</c>, <c>missing</c>, or what is wrong with it and what to do.</param>
internal sealed record DataFileReport(string Name, string? Path, long? Bytes, string? Sha256, string State)
{
    /// <summary>The state of a file that is there and right.</summary>
    public const string Good = "good";

    /// <summary>The state of a file that is not there.</summary>
    public const string Missing = "missing";

    /// <summary>Whether the file is there and wrong.</summary>
    [JsonIgnore]
    public bool IsDamaged => State is not (Good or Missing);
}
