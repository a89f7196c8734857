using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GpuConvnet.Trainer.Training.Messages;

/// <summary>A message as bytes: the length of its JSON, that, and parameters as float32. All ranks run the same program.</summary>
internal static class MessageBytes
{
    /// <summary>Writes a message.</summary>
    public static byte[] Of(Message message)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.Message);
        byte[] bytes = new byte[sizeof(int) + json.Length + message.Parameters.Length * sizeof(float)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes.AsSpan(sizeof(int)));
        MemoryMarshal.AsBytes(message.Parameters.AsSpan()).CopyTo(bytes.AsSpan(sizeof(int) + json.Length));
        return bytes;
    }

    /// <summary>Reads a message.</summary>
    /// <param name="bytes">What <see cref="Of"/> wrote.</param>
    public static Message Read(ReadOnlySpan<byte> bytes)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        ReadOnlySpan<byte> rest = bytes[sizeof(int)..];
        Message message = JsonSerializer.Deserialize(rest[..length], MessageJson.Default.Message)!;
        byte[] parameters = rest[length..].ToArray();
        return message with { Parameters = MemoryMarshal.Cast<byte, float>(parameters).ToArray() };
    }
}
