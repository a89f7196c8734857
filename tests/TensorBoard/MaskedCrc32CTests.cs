using System.Text;
using GpuConvnet.Formats.TensorBoard;

namespace GpuConvnet.Tests.TensorBoard;

public sealed class MaskedCrc32CTests
{
    /// <summary>RFC 3720, B.4, and the catalogue's check value.</summary>
    public static TheoryData<byte[], uint> KnownVectors => new()
    {
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(value => (byte)value)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(value => (byte)(31 - value))], 0x113FDB5C },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(KnownVectors))]
    public void Known_vectors_come_out(byte[] data, uint expected)
    {
        Assert.Equal(expected, MaskedCrc32C.Unmasked(data));
        Assert.Equal(expected, RecordReader.Crc32C(data));
    }

    [Fact]
    public void The_mask_is_TensorFlows()
    {
        // A first record of 24 bytes, the version, is how event files by TensorFlow and PyTorch begin.
        Assert.Equal(0x224B7FA3u, MaskedCrc32C.Of([24, 0, 0, 0, 0, 0, 0, 0]));
    }

    [Fact]
    public void Every_length_and_alignment_agrees_with_the_polynomial()
    {
        byte[] data = new byte[200];
        new Random(1).NextBytes(data);
        for (int start = 0; start < 9; start++)
        {
            for (int length = 0; length < 100; length++)
            {
                ReadOnlySpan<byte> part = data.AsSpan(start, length);
                Assert.Equal(RecordReader.Crc32C(part), MaskedCrc32C.Unmasked(part));
            }
        }
    }
}
