using System.Security.Cryptography;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>One of MNIST's four files.</summary>
/// <param name="Name">Its plain name.</param>
/// <param name="Sha256">The checksum of its decompressed content, in lower-case hexadecimal.</param>
/// <param name="Bytes">Its size, decompressed.</param>
internal sealed record MnistFile(string Name, string Sha256, int Bytes)
{
    /// <summary>The digits of the training split.</summary>
    public const int TrainCount = 60_000;

    /// <summary>The digits of the test split.</summary>
    public const int TestCount = 10_000;

    /// <summary>The 60,000 training images.</summary>
    public static MnistFile TrainImages { get; } = new(
        "train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", 47_040_016);

    /// <summary>The 60,000 training labels.</summary>
    public static MnistFile TrainLabels { get; } = new(
        "train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", 60_008);

    /// <summary>The 10,000 test images.</summary>
    public static MnistFile TestImages { get; } = new(
        "t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", 7_840_016);

    /// <summary>The 10,000 test labels.</summary>
    public static MnistFile TestLabels { get; } = new(
        "t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", 10_008);

    /// <summary>What a user can do about a damaged one, which may be somebody's own: nothing says to delete it.</summary>
    internal const string Remedy =
        "Move it away and run 'trainer data fetch', put a good copy in its place, or name another folder with --data.";

    /// <summary>All four.</summary>
    public static IReadOnlyList<MnistFile> All { get; } = [TrainImages, TrainLabels, TestImages, TestLabels];

    /// <summary>Reads the file and checks its checksum.</summary>
    /// <param name="path">Plain or compressed.</param>
    /// <exception cref="BadInputException">It cannot be read, or is not MNIST's.</exception>
    public byte[] Read(string path)
    {
        byte[] content;
        try
        {
            // A little more than the right size, so that what is too long can still be told by how much.
            content = PackedFile.Read(path, Bytes + (1 << 20), Remedy);
        }
        catch (BadInputException failure) when (File.Exists(path))
        {
            throw IdxFile.Described(PackedFile.Beginning(path)) is { } larger && larger.Bytes > Bytes
                ? new BadInputException(OtherSet(path, larger), failure)
                : failure;
        }

        return Damage(content, path) is { } damage ? throw new BadInputException(damage) : content;
    }

    /// <summary>What is wrong with a decompressed content and what to do about it, or null if it is this file's.</summary>
    /// <param name="content">The content.</param>
    /// <param name="path">Where it came from, for the message.</param>
    internal string? Damage(ReadOnlySpan<byte> content, string path) => ChecksumFault(content) is not { } fault
        ? null
        : !content.IsEmpty && ForeignContent.Of(content) is { } foreign
            ? $"{path} is not MNIST's {Name} but {foreign.What}. {foreign.Remedy} {Remedy}"
            : IdxFile.Described(content) is { } header && header.Bytes == content.Length
                ? content.Length != Bytes ? OtherSet(path, header)
                    : IsAmongMnists(path) ? $"{path} is damaged, as the other three files beside it are MNIST's: {Checksums(content)}. {Remedy}"
                    : $"{OtherSet(path, header)} Or it is damaged: {Checksums(content)}."
                : $"{path}: {fault} {Remedy}";

    private string OtherSet(string path, (string What, int Count, double Bytes) found) =>
        $"{path} holds another data set: {found.What}, "
        + (found.Bytes == Bytes ? $"as many as MNIST's {Name} has. " : $"{found.Bytes:N0} bytes where MNIST's {Name} has {Bytes:N0}. ")
        + "To train on it, say "
        + $"--dataset idx --data {Path.GetDirectoryName(Path.GetFullPath(path))}, or \"dataset\": \"idx\" in a configuration "
        + $"(docs/data.md). For MNIST: {char.ToLowerInvariant(Remedy[0])}{Remedy[1..]}";

    /// <summary>What is wrong with a decompressed content, or null if it is this file's.</summary>
    internal string? ChecksumFault(ReadOnlySpan<byte> content)
    {
        // The size is the better message where it is wrong; the header's own check comes after this one.
        if (content.Length != Bytes)
        {
            return $"it has {content.Length:N0} bytes where MNIST's {Name} has {Bytes:N0}"
                + $" ({(content.Length < Bytes ? "truncated" : "too long")}).";
        }

        return Convert.ToHexStringLower(SHA256.HashData(content)) == Sha256
            ? null
            : $"{Checksums(content)}: it is damaged or another data set.";
    }

    private string Checksums(ReadOnlySpan<byte> content) =>
        $"its content has the SHA-256 {Convert.ToHexStringLower(SHA256.HashData(content))[..16]}..., MNIST's {Name} has {Sha256[..16]}...";

    /// <summary>Whether MNIST's other files lie beside one, whole: then it is no other data set's.</summary>
    private bool IsAmongMnists(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder
        && All.Where(file => file != this).All(file => FileNames.Candidates(folder, file.Name).Any(file.IsWhole));

    private bool IsWhole(string path)
    {
        try
        {
            return ChecksumFault(PackedFile.Read(path, Bytes + 1, Remedy)) is null;
        }
        catch (BadInputException)
        {
            // What is wrong with it is said when it is read for itself.
            return false;
        }
    }
}
