using System.Buffers.Binary;
using GpuConvnet.Recognition;

namespace GpuConvnet.Trainer.Setup.Data;

/// <summary>The idx format of MNIST's files: a big-endian header of sizes, then bytes.</summary>
public static class IdxFile
{
    private const uint ImageMagic = 0x0000_0803;
    private const uint LabelMagic = 0x0000_0801;

    /// <summary>Interprets a file of 28x28 images.</summary>
    /// <param name="content">The whole file, decompressed.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <returns>(count, 28, 28) pixels, 0 (background) to 255 (ink).</returns>
    /// <exception cref="BadInputException">The header is wrong, or the file's size is not what it says.</exception>
    public static ReadOnlyMemory<byte> Images(byte[] content, string path)
    {
        uint[] sizes = Header(content, path, ImageMagic, "images", dimensions: 3);
        if (sizes[1] != MnistImage.Size || sizes[2] != MnistImage.Size)
        {
            throw new BadInputException(
                $"{path} holds images of {sizes[1]}x{sizes[2]}; MNIST's are {MnistImage.Size}x{MnistImage.Size}.");
        }

        return Body(content, path, sizes, "images", MnistImage.Size * MnistImage.Size);
    }

    /// <summary>Interprets a file of labels.</summary>
    /// <param name="content">The whole file, decompressed.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <returns>(count) digits, 0 to 9.</returns>
    /// <exception cref="BadInputException">
    /// The header is wrong, the file's size is not what it says, or a label is no digit.
    /// </exception>
    public static ReadOnlyMemory<byte> Labels(byte[] content, string path)
    {
        ReadOnlyMemory<byte> labels =
            Body(content, path, Header(content, path, LabelMagic, "labels", dimensions: 1), "labels", itemSize: 1);
        int wrong = labels.Span.IndexOfAnyExceptInRange((byte)0, (byte)9);
        return wrong < 0
            ? labels
            : throw new BadInputException($"{path}: label {wrong} is {labels.Span[wrong]}; labels are digits, 0 to 9.");
    }

    private static uint[] Header(byte[] content, string path, uint magic, string what, int dimensions)
    {
        ArgumentNullException.ThrowIfNull(content);
        int length = sizeof(uint) * (1 + dimensions);
        if (content.Length < length)
        {
            throw new BadInputException(
                $"{path} has {content.Length} bytes: too few for the {length} of an idx header. It is truncated. "
                + MnistFile.Remedy);
        }

        uint found = BinaryPrimitives.ReadUInt32BigEndian(content);
        if (found != magic)
        {
            throw new BadInputException(
                $"{path} begins with 0x{found:x8}; an idx file of {what} begins with 0x{magic:x8}. It is another kind of "
                + $"file. {MnistFile.Remedy}");
        }

        uint[] sizes = new uint[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            sizes[i] = BinaryPrimitives.ReadUInt32BigEndian(content.AsSpan(sizeof(uint) * (1 + i)));
        }

        return sizes;
    }

    private static ReadOnlyMemory<byte> Body(byte[] content, string path, uint[] sizes, string what, int itemSize)
    {
        int header = sizeof(uint) * (1 + sizes.Length);
        long expected = (long)sizes[0] * itemSize;
        long found = content.Length - header;
        return found == expected
            ? content.AsMemory(header)
            : throw new BadInputException(
                $"{path} says it holds {sizes[0]:N0} {what}, {expected:N0} bytes, but {found:N0} follow the header. It is "
                + $"{(found < expected ? "truncated" : "damaged or not MNIST's")}. {MnistFile.Remedy}");
    }
}
