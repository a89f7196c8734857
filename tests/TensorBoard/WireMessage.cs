using System.Buffers.Binary;
using System.Text;

namespace GpuConvnet.Tests.TensorBoard;

/// <summary>A message of the protocol buffers' wire format, read by hand: fields by number, as often as they occur.</summary>
internal sealed class WireMessage
{
    private readonly List<(int Field, int Type, ulong Number, byte[] Bytes)> _fields = [];

    public WireMessage(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            (int field, int type) = ((int)(tag >> 3), (int)(tag & 7));
            switch (type)
            {
                case 0:
                    _fields.Add((field, type, Varint(ref bytes), []));
                    break;
                case 1:
                    _fields.Add((field, type, BinaryPrimitives.ReadUInt64LittleEndian(bytes), []));
                    bytes = bytes[8..];
                    break;
                case 2:
                    int length = (int)Varint(ref bytes);
                    _fields.Add((field, type, 0, bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((field, type, BinaryPrimitives.ReadUInt32LittleEndian(bytes), []));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new InvalidDataException($"Field {field} has wire type {type}.");
            }
        }
    }

    public int[] Fields => [.. _fields.Select(found => found.Field)];

    public bool Has(int field) => _fields.Exists(found => found.Field == field);

    public long Int(int field) => (long)One(field, 0).Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(One(field, 1).Number);

    public float Float(int field) => BitConverter.UInt32BitsToSingle((uint)One(field, 5).Number);

    public byte[] Bytes(int field) => One(field, 2).Bytes;

    public string Text(int field) => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes(field));

    public WireMessage Message(int field) => new(Bytes(field));

    public WireMessage[] Messages(int field) =>
        [.. _fields.Where(found => found.Field == field).Select(found => new WireMessage(found.Bytes))];

    public double[] Doubles(int field) => [.. Bytes(field).Chunk(8).Select(value => BinaryPrimitives.ReadDoubleLittleEndian(value))];

    private (int Field, int Type, ulong Number, byte[] Bytes) One(int field, int type)
    {
        (int Field, int Type, ulong Number, byte[] Bytes) found = _fields.Single(one => one.Field == field);
        return found.Type == type ? found : throw new InvalidDataException($"Field {field} has wire type {found.Type}.");
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
