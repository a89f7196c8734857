using System.Buffers.Binary;

namespace GpuConvnet.Tests.TensorBoard;

/// <summary>
/// TensorFlow's record files, read as its documentation describes them and not as we write them: a length (eight bytes,
/// little-endian), its masked CRC-32C, the data, their masked CRC-32C.
/// </summary>
internal static class RecordReader
{
    private const int Frame = 8 + 4 + 4;

    /// <exception cref="InvalidDataException">A checksum is wrong, or the file ends within a record.</exception>
    public static List<byte[]> Read(ReadOnlySpan<byte> file)
    {
        List<byte[]> records = [];
        while (!file.IsEmpty)
        {
            if (file.Length < Frame)
            {
                throw new InvalidDataException($"{file.Length} bytes after record {records.Count}.");
            }

            Check(file[..8], file[8..12], "length");
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file);
            if (length > (ulong)(file.Length - Frame))
            {
                throw new InvalidDataException($"Record {records.Count} of {length} bytes goes beyond the file.");
            }

            ReadOnlySpan<byte> data = file.Slice(12, (int)length);
            Check(data, file.Slice(12 + (int)length, 4), "data");
            records.Add(data.ToArray());
            file = file[(Frame + (int)length)..];
        }

        return records;
    }

    /// <summary>Bit by bit from the polynomial: 0x1EDC6F41, reflected.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
            }
        }

        return crc ^ 0xFFFFFFFF;
    }

    private static void Check(ReadOnlySpan<byte> data, ReadOnlySpan<byte> masked, string what)
    {
        uint crc = Crc32C(data);
        uint expected = unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u);
        if (BinaryPrimitives.ReadUInt32LittleEndian(masked) != expected)
        {
            throw new InvalidDataException($"The checksum of the {what} is wrong.");
        }
    }
}
