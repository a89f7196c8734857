using System.Buffers.Binary;
using System.Security.Cryptography;
using GpuConvnet.Trainer;
using GpuConvnet.Trainer.Data;

namespace GpuConvnet.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void ImagesAndLabelsAreWhatFollowsTheHeader()
    {
        byte[] images = Idx(0x803, [2, 28, 28], new byte[2 * 784]);
        images[^1] = 77;

        Assert.Equal(2 * 784, IdxFile.Images(images, "i").Length);
        Assert.Equal(77, IdxFile.Images(images, "i").Span[^1]);
        Assert.Equal([3, 9], IdxFile.Labels(Idx(0x801, [2], [3, 9]), "l").ToArray());
    }

    [Fact]
    public void WhatIsWrongIsSaidWithTheFile()
    {
        AssertRefused("truncated", () => IdxFile.Images(new byte[7], "file-x"));
        AssertRefused("begins with 0x00000801", () => IdxFile.Images(Idx(0x801, [2, 28, 28], new byte[1568]), "file-x"));
        AssertRefused("images of 28x27", () => IdxFile.Images(Idx(0x803, [2, 28, 27], new byte[1512]), "file-x"));
        AssertRefused("truncated", () => IdxFile.Images(Idx(0x803, [2, 28, 28], new byte[1567]), "file-x"));
        AssertRefused("damaged", () => IdxFile.Images(Idx(0x803, [2, 28, 28], new byte[1569]), "file-x"));
        AssertRefused("truncated", () => IdxFile.Images(Idx(0x803, [uint.MaxValue, 28, 28], new byte[784]), "file-x"));
        AssertRefused("label 1 is 12", () => IdxFile.Labels(Idx(0x801, [3], [0, 12, 3]), "file-x"));
    }

    [Fact]
    public void AFileReadsPlainAndPacked()
    {
        byte[] content = [1, 2, 3, 4, 5];
        MnistFile file = FileOf(content);

        Assert.Equal(content, file.Read(_scratch.Write("plain", content)));
        Assert.Equal(content, file.Read(_scratch.Write("packed.gz", ScratchFolder.Gzip(content))));
    }

    [Fact]
    public void AFileThatIsNotWhatItsNameSaysIsRefused()
    {
        byte[] content = new byte[1000];
        new Random(1).NextBytes(content);
        MnistFile file = FileOf(content);
        byte[] packed = ScratchFolder.Gzip(content);
        byte[] other = [.. content];
        other[500]++;

        AssertRefused("truncated", () => file.Read(_scratch.Write("file-x", content[..999])));
        AssertRefused("too long", () => file.Read(_scratch.Write("file-x", [.. content, 0])));
        AssertRefused("SHA-256", () => file.Read(_scratch.Write("file-x", other)));
        AssertRefused("", () => file.Read(_scratch.Write("file-x.gz", packed[..500])));
        AssertRefused("gzip", () => file.Read(_scratch.Write("file-x.gz", [5, .. packed[1..]])));
        AssertRefused("cannot be read", () => file.Read(_scratch.In("file-x-missing")));
    }

    [Fact]
    public void AFileThatUnpacksWithoutEndIsCutOff()
    {
        string path = _scratch.Write("file-x.gz", ScratchFolder.Gzip(new byte[50 << 20]));

        AssertRefused("larger than", () => FileOf(new byte[10]).Read(path));
    }

    public void Dispose() => _scratch.Dispose();

    private static MnistFile FileOf(byte[] content) =>
        new("name", Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);

    private static byte[] Idx(uint magic, uint[] sizes, byte[] body)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + body.Length];
        BinaryPrimitives.WriteUInt32BigEndian(file, magic);
        for (int i = 0; i < sizes.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        }

        body.CopyTo(file, file.Length - body.Length);
        return file;
    }

    private static void AssertRefused(string word, Action read)
    {
        string message = Assert.Throws<BadInputException>(read).Message;
        Assert.Contains("file-x", message, StringComparison.Ordinal);
        Assert.Contains(word, message, StringComparison.Ordinal);
    }
}
