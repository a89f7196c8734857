using System.Buffers.Binary;
using System.Security.Cryptography;

namespace GpuConvnet.Formats.SavedModels;

/// <summary>Parameters as little-endian float32, whatever the machine's own order.</summary>
public static class ParameterBytes
{
    /// <summary>The bytes of some parameters, four each.</summary>
    public static byte[] Of(ReadOnlySpan<float> parameters)
    {
        byte[] bytes = new byte[parameters.Length * sizeof(float)];
        for (int index = 0; index < parameters.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), parameters[index]);
        }

        return bytes;
    }

    /// <summary>Reads as many parameters as the destination holds.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, Span<float> parameters)
    {
        for (int index = 0; index < parameters.Length; index++)
        {
            parameters[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(index * sizeof(float))..]);
        }
    }

    /// <summary>The fingerprint of parameters: the SHA-256 of their bytes, in lower-case hexadecimal.</summary>
    public static string Sha256(ReadOnlySpan<float> parameters) =>
        Convert.ToHexStringLower(SHA256.HashData(Of(parameters)));
}
