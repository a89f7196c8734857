using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using GpuConvnet.Model;
using GpuConvnet.Tests.Data;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Setup.Data.Files;

namespace GpuConvnet.Tests.Fuzzing;

public sealed class DataFileFuzzTests : IDisposable
{
    private const int Images = 3;
    private const int MostIdxBytes = 16 + (Images * 784);

    private readonly ScratchFolder _scratch = new();

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Damaged_idx_files_are_read_or_refused(int dimensions) => Readers.Hold(
        Mutations.Of([Idx(3), Idx(1)], Readers.Count, seed: dimensions), "damaged-idx", 1 << 16, content =>
        {
            ReadOnlyMemory<byte> items = dimensions == 3
                ? IdxImages.Of(content, "damaged-idx", IdxSplit.Remedy).Pixels
                : IdxLabels.Of(content, "damaged-idx", IdxSplit.Remedy);
            Assert.InRange(items.Length, 0, content.Length);
        });

    /// <summary>What is packed is damaged, so that the decompression meets everything that can go wrong.</summary>
    [Fact]
    public void Damaged_idx_files_in_gz_are_read_or_refused() => Readers.Hold(
        Mutations.Of([ScratchFolder.Pack(Idx(3)), ScratchFolder.Pack(Idx(1))], Readers.Count, seed: 4), "damaged.gz", 1 << 18, packed =>
        {
            string path = _scratch.In("damaged.gz");
            Readers.Put(path, packed);
            byte[] content = PackedFile.Read(path, MostIdxBytes, MnistFile.Remedy);
            Assert.InRange(content.Length, 0, MostIdxBytes);
            IdxImages.Of(content, path, IdxSplit.Remedy);
        });

    [Theory]
    [InlineData("zip.train")]
    [InlineData("zip.train.gz")]
    public void Damaged_usps_files_are_read_or_refused(string name)
    {
        byte[][] seeds = [Usps(1), Usps(2)];
        bool isPacked = name.EndsWith(".gz", StringComparison.Ordinal);
        Readers.Hold(
            Mutations.Of(isPacked ? [.. seeds.Select(seed => ScratchFolder.Pack(seed))] : seeds, Readers.Count, seed: 5), name, 2 << 20,
            content =>
            {
                string path = _scratch.In(name);
                Readers.Put(path, content);
                Examples examples = UspsFile.Read(path, 1);
                Assert.Equal(1, examples.Count);
                Assert.InRange(examples.Labels[0], 0, 9);
                Assert.All(examples.Pixels.ToArray(), pixel => Assert.InRange(pixel, -1, 1));
            });
    }

    /// <summary>A thousand times its size, again and again: refused at the size that the format allows.</summary>
    [Theory]
    [InlineData(0u)]
    [InlineData(784u)]
    [InlineData(uint.MaxValue)]
    public void A_gz_that_expands_without_end_is_refused_at_what_its_file_may_have(uint claimed)
    {
        byte[] bomb = ScratchFolder.Pack(new byte[64 << 20]);
        BinaryPrimitives.WriteUInt32LittleEndian(bomb.AsSpan(^sizeof(uint)..), claimed);
        File.WriteAllBytes(_scratch.In("bomb.gz"), bomb);
        long before = GC.GetAllocatedBytesForCurrentThread();

        BadInputException refusal = Assert.Throws<BadInputException>(() => PackedFile.Read(_scratch.In("bomb.gz"), 1 << 20, MnistFile.Remedy));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
        Assert.Contains("larger than the 1,048,576 bytes", refusal.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _scratch.Dispose();

    private static byte[] Idx(int dimensions)
    {
        byte[] header = new byte[sizeof(uint) * (1 + dimensions)];
        BinaryPrimitives.WriteUInt32BigEndian(header, 0x0800u + (uint)dimensions);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), Images);
        for (int side = 2; side <= dimensions; side++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 * side), 28);
        }

        return [.. header, .. Enumerable.Range(0, Images * (dimensions == 3 ? 784 : 1)).Select(value => (byte)(value % 10))];
    }

    private static byte[] Usps(int lines)
    {
        StringBuilder text = new();
        for (int line = 0; line < lines; line++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{line + 3}.0000");
            for (int pixel = 0; pixel < 256; pixel++)
            {
                text.Append(CultureInfo.InvariantCulture, $" {(pixel - 128) / 128.0:F3}");
            }

            text.Append(" \n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
