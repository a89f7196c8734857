using Google.Protobuf;

namespace GpuConvnet.Trainer.Export;

/// <summary>One message of the protocol buffers' wire format, built field by field.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<byte> _bytes = [];

    /// <summary>Adds a whole number.</summary>
    public ProtobufMessage Add(int field, long value) => Write(field, WireFormat.WireType.Varint, stream => stream.WriteInt64(value));

    /// <summary>Adds a number.</summary>
    public ProtobufMessage Add(int field, float value) => Write(field, WireFormat.WireType.Fixed32, stream => stream.WriteFloat(value));

    /// <summary>Adds a text.</summary>
    public ProtobufMessage Add(int field, string value) =>
        Write(field, WireFormat.WireType.LengthDelimited, stream => stream.WriteString(value));

    /// <summary>Adds bytes.</summary>
    public ProtobufMessage Add(int field, byte[] value) => Write(
        field, WireFormat.WireType.LengthDelimited, stream => stream.WriteBytes(ByteString.CopyFrom(value)));

    /// <summary>Adds a message.</summary>
    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.ToArray());

    /// <summary>Adds messages, a field each.</summary>
    public ProtobufMessage Add(int field, IEnumerable<ProtobufMessage> values)
    {
        foreach (ProtobufMessage value in values)
        {
            Add(field, value);
        }

        return this;
    }

    /// <summary>The message as bytes.</summary>
    public byte[] ToArray() => [.. _bytes];

    private ProtobufMessage Write(int field, WireFormat.WireType type, Action<CodedOutputStream> write)
    {
        using MemoryStream bytes = new();
        using CodedOutputStream stream = new(bytes);
        stream.WriteTag(field, type);
        write(stream);
        stream.Flush();
        _bytes.AddRange(bytes.ToArray());
        return this;
    }
}
