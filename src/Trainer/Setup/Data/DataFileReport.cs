using System.Security.Cryptography;
using System.Text.Json.Serialization;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>One file of a data set, as <c>trainer data</c> finds it.</summary>
/// <param name="Name">Its plain name.</param>
/// <param name="Path">Where it is; null if it is missing.</param>
/// <param name="Bytes">Its size there, compressed or not.</param>
/// <param name="Sha256">The checksum of its decompressed content.</param>
/// <param name="State"><c>good</c>, <c>missing</c>, or what is wrong with it and what to do.</param>
internal sealed record DataFileReport(string Name, string? Path, long? Bytes, string? Sha256, string State)
{
    private const int MostBytes = 700_000_000;

    /// <summary>The state of a file that is there and right.</summary>
    public const string Good = "good";

    /// <summary>The state of a file that is not there.</summary>
    public const string Missing = "missing";

    /// <summary>The state of a file that is whole by itself, of a set that training refuses.</summary>
    public const string Refused = "refused";

    /// <summary>Whether the file is there and wrong.</summary>
    [JsonIgnore]
    public bool IsDamaged => State is not (Good or Missing);

    /// <summary>Looks at a file, reading it: at the first that is good of those that may be meant.</summary>
    /// <param name="name">The plain name.</param>
    /// <param name="paths">The files that may be meant, the likeliest first.</param>
    /// <param name="remedy">What a user can do about a damaged one.</param>
    /// <param name="damage">What is wrong with a content at a path; null if nothing is.</param>
    public static DataFileReport Of(
        string name, IEnumerable<string> paths, string remedy, Func<byte[], string, string?> damage)
    {
        DataFileReport? first = null;
        foreach (string path in paths)
        {
            DataFileReport report = Look(name, path, remedy, damage);
            if (!report.IsDamaged)
            {
                return report;
            }

            first ??= report;
        }

        return first ?? new DataFileReport(name, null, null, null, Missing);
    }

    private static DataFileReport Look(string name, string path, string remedy, Func<byte[], string, string?> damage)
    {
        try
        {
            byte[] content = PackedFile.Read(path, MostBytes, remedy);
            return new DataFileReport(
                name, path, LengthOf(path), Convert.ToHexStringLower(SHA256.HashData(content)), damage(content, path) ?? Good);
        }
        catch (BadInputException failure)
        {
            return new DataFileReport(name, path, LengthOf(path), null, failure.Message);
        }
    }

    /// <summary>How long a file is; of a link what it leads to.</summary>
    private static long LengthOf(string path)
    {
        FileInfo file = new(path);
        return (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length;
    }
}
