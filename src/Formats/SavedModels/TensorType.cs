using System.Buffers.Binary;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>How a file of safetensors writes a number, little-endian, and how it is read as float32.</summary>
/// <param name="Name">The file's word for it.</param>
/// <param name="Bytes">Of a number.</param>
/// <param name="Read">Reads one number; a larger one than float32 has becomes infinite.</param>
internal sealed record TensorType(string Name, int Bytes, TensorType.Reader Read)
{
    /// <summary>Reads one number.</summary>
    /// <param name="bytes">Its bytes, and what follows them.</param>
    public delegate float Reader(ReadOnlySpan<byte> bytes);

    /// <summary>What this program writes.</summary>
    public static TensorType Float32 { get; } = new("F32", sizeof(float), BinaryPrimitives.ReadSingleLittleEndian);

    /// <summary>The types that are read, ours first.</summary>
    public static IReadOnlyList<TensorType> All { get; } =
    [
        Float32,
        new("F16", 2, bytes => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes)),

        // The upper half of a float32.
        new("BF16", 2, bytes => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16)),
        new("F64", sizeof(double), bytes => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes)),
    ];
}
