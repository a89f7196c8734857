using System.Buffers.Binary;
using System.Security.Cryptography;
using GpuConvnet.Recognition;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Tests.Data;

/// <summary>MNIST's files: what is right is read, plain or compressed, and what is wrong is named.</summary>
public sealed class IdxFileTests : IDisposable
{
    private const int ImageBytes = MnistImage.Size * MnistImage.Size;
    private const string Where = "some/folder/train-images-idx3-ubyte";

    private readonly ScratchFolder _scratch = new();

    [Fact]
    public void ImagesAreWhatFollowsTheHeader()
    {
        byte[] file = Images(3);
        for (int i = 16; i < file.Length; i++)
        {
            file[i] = (byte)(i * 7);
        }

        ReadOnlyMemory<byte> pixels = ImagesOf(file).Pixels;

        Assert.Equal(3 * ImageBytes, pixels.Length);
        Assert.Equal(file[16..], pixels.ToArray());
    }

    [Fact]
    public void LabelsAreWhatFollowsTheHeader()
    {
        Assert.Equal([0, 9, 5, 1], LabelsOf(Labels([0, 9, 5, 1])).ToArray());
    }

    [Fact]
    public void AFileOfNothingIsNoFault()
    {
        Assert.Equal(0, ImagesOf(Images(0)).Count);
        Assert.Equal(0, LabelsOf(Labels([])).Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(15)]
    public void AHeaderThatEndsEarlyIsRefused(int length)
    {
        Assert.Contains("truncated", Refusal(() => ImagesOf(Images(1)[..length])), StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherKindOfFileIsRefused()
    {
        // Images in the place of labels and the other way round are the likeliest mistake.
        string images = Refusal(() => ImagesOf(Labels(new byte[100])));
        string labels = Refusal(() => LabelsOf(Images(1)));

        Assert.Contains("holds 100 labels, where images", images, StringComparison.Ordinal);
        Assert.Contains("holds 1 images of 28x28, where labels", labels, StringComparison.Ordinal);
        Assert.All([images, labels], message => Assert.Contains("mixed up", message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(7, 28)]
    [InlineData(28, 1025)]
    public void ImagesOfASizeThatIsNoDigitsAreRefused(int rows, int columns)
    {
        byte[] file = Header(0x803, 1, rows, columns, body: rows * columns);

        Assert.Contains($"{rows}x{columns}", Refusal(() => ImagesOf(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesOfAnotherSizeAreRead()
    {
        IdxImages images = ImagesOf(Header(0x803, 2, 16, 20, body: 2 * 16 * 20));

        Assert.Equal((2, 16, 20, 320), (images.Count, images.Rows, images.Columns, images.Image(1).Length));
    }

    [Fact]
    public void OfQmnistsEightColumnsTheFirstIsTheDigit()
    {
        Assert.Equal([7, 3], LabelsOf(OwnIdx.Qmnist([7, 3])).ToArray());
    }

    [Fact]
    public void ColumnsThatAreNotQmnistsAndFloatsAreRefusedByWhatTheyAre()
    {
        byte[] columns = new byte[12 + 2 * 3];
        BinaryPrimitives.WriteUInt32BigEndian(columns, 0x802);
        BinaryPrimitives.WriteInt32BigEndian(columns.AsSpan(4), 2);
        BinaryPrimitives.WriteInt32BigEndian(columns.AsSpan(8), 3);
        byte[] floats = Header(0xD03, 1, 8, 8, body: 4 * 64);

        Assert.Contains("holds 2 rows of 3, where labels", Refusal(() => LabelsOf(columns)), StringComparison.Ordinal);
        Assert.Contains("holds 1 rows of 8x8 32-bit floats, where images", Refusal(() => ImagesOf(floats)), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsShorterThanItSaysIsRefused()
    {
        Assert.Contains("truncated", Refusal(() => ImagesOf(Images(2)[..^1])), StringComparison.Ordinal);
        Assert.Contains("truncated", Refusal(() => LabelsOf(Labels([1, 2])[..^1])), StringComparison.Ordinal);
    }

    [Fact]
    public void AFileThatIsLongerThanItSaysIsRefused()
    {
        Assert.Contains("damaged", Refusal(() => ImagesOf([.. Images(2), 0])), StringComparison.Ordinal);
        Assert.Contains("damaged", Refusal(() => LabelsOf([.. Labels([1, 2]), 0])), StringComparison.Ordinal);
    }

    [Fact]
    public void AHeaderThatPromisesFourMilliardImagesTakesNoMemory()
    {
        byte[] file = Images(1);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(4), uint.MaxValue);

        Assert.Contains("truncated", Refusal(() => ImagesOf(file)), StringComparison.Ordinal);
    }

    [Fact]
    public void ALabelThatIsNoDigitIsRefused()
    {
        Assert.Contains(
            "label 2 is 12", Refusal(() => LabelsOf(Labels([1, 2, 12, 3]))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    [InlineData("LABELS.GZ")]
    public void PlainAndCompressedFilesReadAlike(string name)
    {
        byte[] content = Labels([3, 1, 4, 1, 5]);
        string path = _scratch.In(name);
        File.WriteAllBytes(
            path, name.EndsWith("gz", StringComparison.OrdinalIgnoreCase) ? ScratchFolder.Pack(content) : content);

        Assert.Equal(content, FileOf(content).Read(path));
    }

    [Fact]
    public void AMissingFileIsRefused()
    {
        AssertRefused(_scratch.In("labels"), Labels([1]), "cannot be read");
        AssertRefused(_scratch.In("labels.gz"), Labels([1]), "cannot be read");
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    public void ATruncatedFileIsRefused(string name)
    {
        byte[] content = Labels([1, 2, 3]);

        AssertRefused(_scratch.Write(name, content.AsSpan()[..^1]), content, "truncated");
        AssertRefused(_scratch.Write(name, []), content, "truncated");
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    public void AFileThatIsTooLongIsRefused(string name)
    {
        byte[] content = Labels([1, 2, 3]);

        AssertRefused(_scratch.Write(name, [.. content, 0]), content, "too long");
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    public void AFileThatIsMuchTooLongIsRefusedBeforeItIsRead(string name)
    {
        // 64 MiB, a tenth of a MiB compressed: what unpacks without end must not fill the memory.
        byte[] content = Labels([1, 2, 3]);
        string path = _scratch.Write(name, new byte[64 << 20]);
        long before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused(path, content, "larger than");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
    }

    [Theory]
    [InlineData("labels")]
    [InlineData("labels.gz")]
    public void AFileOfTheRightSizeWithAnotherChecksumIsRefused(string name)
    {
        byte[] content = Labels([1, 2, 3]);

        AssertRefused(_scratch.Write(name, Labels([1, 2, 4])), content, "SHA-256");
    }

    [Fact]
    public void ACompressedFileThatEndsEarlyIsRefused()
    {
        byte[] content = Labels(new byte[1000]);
        byte[] packed = ScratchFolder.Pack(content);
        string path = _scratch.In("labels.gz");
        foreach (int length in (int[])[packed.Length - 1, packed.Length - 8, packed.Length / 2, 5])
        {
            File.WriteAllBytes(path, packed[..length]);

            AssertRefused(path, content, "not a whole gzip file");
        }
    }

    [Fact]
    public void ADamagedCompressedFileIsRefused()
    {
        byte[] content = Labels([.. Enumerable.Range(0, 1000).Select(i => (byte)(i * i % 10))]);
        byte[] packed = ScratchFolder.Pack(content);
        packed[packed.Length / 2] ^= 0x10;
        string path = _scratch.In("labels.gz");
        File.WriteAllBytes(path, packed);

        AssertRefused(path, content, "not a whole gzip file");
    }

    [Theory]
    [InlineData("labels.gz", false)]
    [InlineData("labels", true)]
    public void WhetherAFileIsCompressedItsFirstBytesSayAndNotItsName(string name, bool isPacked)
    {
        byte[] content = Labels([1, 2, 3]);
        string path = _scratch.In(name);
        File.WriteAllBytes(path, isPacked ? ScratchFolder.Pack(content) : content);

        Assert.Equal(content, FileOf(content).Read(path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWholeFileOfAnotherSetIsNamedWithWhatTrainsOnIt(bool isLarger)
    {
        string path = _scratch.Write("labels", isLarger ? Labels(new byte[2 << 20]) : Labels([7, 8]));

        string message = Assert.Throws<BadInputException>(() => FileOf(Labels([1, 2, 3])).Read(path)).Message;

        Assert.Contains($"another data set: {(isLarger ? "2,097,152" : "2")} labels", message, StringComparison.Ordinal);
        Assert.Contains($"--dataset idx --data {_scratch.FullPath}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("truncated", message, StringComparison.Ordinal);
        Assert.DoesNotContain("delete", message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void AFolderInTheFilesPlaceIsRefused()
    {
        Directory.CreateDirectory(_scratch.In("labels"));

        AssertRefused(_scratch.In("labels"), Labels([1]), "cannot be read");
    }

    public void Dispose() => _scratch.Dispose();

    private static IdxImages ImagesOf(byte[] content) => IdxImages.Of(content, Where, IdxSplit.Remedy);

    private static ReadOnlyMemory<byte> LabelsOf(byte[] content) => IdxLabels.Of(content, Where, IdxSplit.Remedy);

    private static void AssertRefused(string path, byte[] right, string why)
    {
        string message = Assert.Throws<BadInputException>(() => FileOf(right).Read(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    private static string Refusal(Func<object> read)
    {
        string message = Assert.Throws<BadInputException>(() => read()).Message;
        Assert.Contains(Where, message, StringComparison.Ordinal);
        return message;
    }

    private static MnistFile FileOf(byte[] content) =>
        new("labels", Convert.ToHexStringLower(SHA256.HashData(content)), content.Length);

    private static byte[] Images(int count) =>
        Header(0x803, count, MnistImage.Size, MnistImage.Size, body: count * ImageBytes);

    private static byte[] Labels(byte[] labels)
    {
        byte[] file = new byte[8 + labels.Length];
        BinaryPrimitives.WriteUInt32BigEndian(file, 0x801);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), labels.Length);
        labels.CopyTo(file, 8);
        return file;
    }

    private static byte[] Header(uint magic, int count, int rows, int columns, int body)
    {
        byte[] file = new byte[16 + body];
        BinaryPrimitives.WriteUInt32BigEndian(file, magic);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), count);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(8), rows);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12), columns);
        return file;
    }
}
