using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuConvnet.Scenes;

/// <summary>MNIST's test digits, as their files have them.</summary>
public sealed class TestDigits
{
    /// <summary>Rows and columns of a digit.</summary>
    public const int Side = 28;

    private readonly byte[] _images;
    private readonly byte[] _labels;

    private TestDigits(byte[] images, byte[] labels) => (_images, _labels) = (images, labels);

    /// <summary>How many there are.</summary>
    public int Count => _labels.Length;

    /// <summary>Reads them.</summary>
    /// <param name="folder">The folder with <c>t10k-images-idx3-ubyte.gz</c> and <c>t10k-labels-idx1-ubyte.gz</c>.</param>
    /// <exception cref="IOException">They are not there.</exception>
    public static TestDigits Read(string folder) => new(
        Unpacked(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"), header: 16),
        Unpacked(Path.Combine(folder, "t10k-labels-idx1-ubyte.gz"), header: 8));

    /// <summary>Which digit it is.</summary>
    public int Label(int index) => _labels[index];

    /// <summary>(28, 28), 0 paper to 255 ink.</summary>
    public ReadOnlySpan<byte> Image(int index) => _images.AsSpan(index * Side * Side, Side * Side);

    private static byte[] Unpacked(string path, int header)
    {
        using GZipStream stream = new(File.OpenRead(path), CompressionMode.Decompress);
        using MemoryStream content = new();
        stream.CopyTo(content);
        byte[] all = content.ToArray();
        int count = BinaryPrimitives.ReadInt32BigEndian(all.AsSpan(4));
        return count == 10_000
            ? all[header..]
            : throw new InvalidDataException($"{path} has {count} digits, not MNIST's 10,000.");
    }
}
