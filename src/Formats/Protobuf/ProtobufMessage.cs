using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace GpuConvnet.Formats.Protobuf;

/// <summary>One message of the protocol buffers' wire format, built field by field.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Streams into memory hold nothing that must be given back.")]
public sealed class ProtobufMessage
{
    // Most messages have a few short fields, and there are many of them.
    private const int BufferSize = 128;

    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _stream;

    /// <summary>Begins a message without fields.</summary>
    public ProtobufMessage() => _stream = new CodedOutputStream(_bytes, BufferSize);

    /// <summary>Adds a whole number.</summary>
    public ProtobufMessage Add(int field, long value)
    {
        _stream.WriteTag(field, WireFormat.WireType.Varint);
        _stream.WriteInt64(value);
        return this;
    }

    /// <summary>Adds a number.</summary>
    public ProtobufMessage Add(int field, float value)
    {
        _stream.WriteTag(field, WireFormat.WireType.Fixed32);
        _stream.WriteFloat(value);
        return this;
    }

    /// <summary>Adds a number in double precision.</summary>
    public ProtobufMessage Add(int field, double value)
    {
        _stream.WriteTag(field, WireFormat.WireType.Fixed64);
        _stream.WriteDouble(value);
        return this;
    }

    /// <summary>Adds numbers in double precision, packed into one field.</summary>
    public ProtobufMessage Add(int field, IReadOnlyCollection<double> values)
    {
        _stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _stream.WriteLength(values.Count * sizeof(double));
        foreach (double value in values)
        {
            _stream.WriteDouble(value);
        }

        return this;
    }

    /// <summary>Adds a text.</summary>
    public ProtobufMessage Add(int field, string value)
    {
        _stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _stream.WriteString(value);
        return this;
    }

    /// <summary>Adds bytes.</summary>
    public ProtobufMessage Add(int field, byte[] value)
    {
        _stream.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _stream.WriteBytes(UnsafeByteOperations.UnsafeWrap(value));
        return this;
    }

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
    public byte[] ToArray()
    {
        _stream.Flush();
        return _bytes.ToArray();
    }
}
