using System.Buffers.Binary;
using System.Numerics;

namespace GpuConvnet.Formats.TensorBoard;

/// <summary>
/// The checksum of TensorFlow's record files: CRC-32C (Castagnoli), rotated and shifted, because the checksum of data that
/// holds its own checksum says little.
/// </summary>
internal static class MaskedCrc32C
{
    private const int Rotation = 15;
    private const uint Shift = 0xA282EAD8;

    /// <summary>The checksum as a file holds it.</summary>
    /// <param name="data">What it is of.</param>
    public static uint Of(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Unmasked(data), Rotation) + Shift;

    /// <summary>CRC-32C itself.</summary>
    /// <param name="data">What it is of.</param>
    public static uint Unmasked(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }

        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
