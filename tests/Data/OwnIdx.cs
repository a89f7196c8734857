using System.Buffers.Binary;

namespace GpuConvnet.Tests.Data;

/// <summary>Idx files of somebody's own digits: a bright stroke that lies elsewhere for each digit, on black.</summary>
internal static class OwnIdx
{
    /// <summary>A file of images.</summary>
    /// <param name="labels">What they show.</param>
    /// <param name="rows">The rows of each.</param>
    /// <param name="columns">The columns of each.</param>
    /// <param name="convert">What becomes of each pixel; null for nothing.</param>
    public static byte[] Images(byte[] labels, int rows = 28, int columns = 28, Func<byte, byte>? convert = null)
    {
        byte[] file = new byte[16 + labels.Length * rows * columns];
        BinaryPrimitives.WriteUInt32BigEndian(file, 0x803);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), labels.Length);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(8), rows);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12), columns);
        for (int index = 0; index < labels.Length; index++)
        {
            Image(labels[index], index, rows, columns).CopyTo(file, 16 + index * rows * columns);
        }

        for (int at = 16; convert is not null && at < file.Length; at++)
        {
            file[at] = convert(file[at]);
        }

        return file;
    }

    /// <summary>One image: a stroke whose row, length and shade tell the digit and the example.</summary>
    public static byte[] Image(byte digit, int index, int rows, int columns)
    {
        byte[] image = new byte[rows * columns];
        int thick = Math.Max(2, rows / 14);
        int top = 1 + digit * (rows - 2 - thick) / 9;
        for (int row = top; row < top + thick; row++)
        {
            image.AsSpan(row * columns + 1, columns - 2 - index % 3).Fill((byte)(255 - index % 50));
        }

        return image;
    }

    /// <summary>A file of labels.</summary>
    public static byte[] Labels(byte[] labels)
    {
        byte[] file = new byte[8 + labels.Length];
        BinaryPrimitives.WriteUInt32BigEndian(file, 0x801);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), labels.Length);
        labels.CopyTo(file, 8);
        return file;
    }

    /// <summary>A file of labels as QMNIST has them: eight 32-bit integers each, the first of them the digit.</summary>
    public static byte[] Qmnist(byte[] labels)
    {
        byte[] file = new byte[12 + labels.Length * 32];
        BinaryPrimitives.WriteUInt32BigEndian(file, 0xC02);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), labels.Length);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(8), 8);
        for (int index = 0; index < labels.Length; index++)
        {
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(12 + index * 32), labels[index]);
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16 + index * 32), 4711);
        }

        return file;
    }

    /// <summary>0, 1, ... 9, 0, 1 ...</summary>
    public static byte[] Digits(int count) => [.. Enumerable.Range(0, count).Select(index => (byte)(index % 10))];

    /// <summary>Writes both splits as MNIST's are called.</summary>
    public static void Write(ScratchFolder folder, string under, int train, int test, string prefix = "", string testName = "t10k")
    {
        folder.Write(Path.Combine(under, $"{prefix}train-images-idx3-ubyte"), Images(Digits(train)));
        folder.Write(Path.Combine(under, $"{prefix}train-labels-idx1-ubyte"), Labels(Digits(train)));
        folder.Write(Path.Combine(under, $"{prefix}{testName}-images-idx3-ubyte"), Images(Digits(test)));
        folder.Write(Path.Combine(under, $"{prefix}{testName}-labels-idx1-ubyte"), Labels(Digits(test)));
    }
}
