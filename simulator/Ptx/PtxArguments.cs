using System.Buffers.Binary;
using System.Reflection;
using ILGPU;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>Lays arguments out as a kernel declares them: a view is an address and a length, a struct its fields.</summary>
internal static class PtxArguments
{
    private const int ViewBytes = 2 * sizeof(long);

    /// <summary>The bytes of a launch's parameters.</summary>
    /// <param name="program">The kernel.</param>
    /// <param name="memory">The memory that views are of.</param>
    /// <param name="arguments">Views, numbers, and structs of them.</param>
    /// <exception cref="ArgumentException">They are not as long as the kernel declares them.</exception>
    public static byte[] Of(PtxProgram program, PtxMemory memory, IReadOnlyList<object> arguments)
    {
        if (arguments.Count != program.Parameters.Count)
        {
            throw new ArgumentException($"{program.Name} has {program.Parameters.Count} parameters, not {arguments.Count}.");
        }

        byte[] bytes = new byte[program.Parameters.Sum(parameter => parameter.Bytes) + 8 * arguments.Count];
        foreach ((PtxParameter parameter, object argument) in program.Parameters.Zip(arguments))
        {
            List<byte> value = [];
            Add(value, memory, argument);
            if (value.Count != parameter.Bytes)
            {
                throw new ArgumentException($"{parameter.Name} takes {parameter.Bytes} bytes, and {argument} has {value.Count}.");
            }

            value.CopyTo(bytes, parameter.Offset);
        }

        return bytes;
    }

    /// <summary>Adds a value where its alignment allows.</summary>
    /// <returns>The alignment.</returns>
    private static int Add(List<byte> bytes, PtxMemory memory, object value)
    {
        if (value is IContiguousArrayView view)
        {
            Span<byte> address = stackalloc byte[ViewBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(
                address, view.Buffer is { } buffer ? memory.AddressOf(buffer.NativePtr) + (ulong)view.IndexInBytes : 0);
            BinaryPrimitives.WriteInt64LittleEndian(address[sizeof(ulong)..], view.Length);
            return Add(bytes, address, sizeof(ulong));
        }

        byte[]? number = value switch
        {
            byte one => [one],
            int one => BitConverter.GetBytes(one),
            uint one => BitConverter.GetBytes(one),
            long one => BitConverter.GetBytes(one),
            float one => BitConverter.GetBytes(one),
            double one => BitConverter.GetBytes(one),
            _ => null,
        };
        if (number is not null)
        {
            return Add(bytes, number, number.Length);
        }

        List<byte> fields = [];
        int alignment = 1;
        foreach (FieldInfo field in value.GetType()
            .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .OrderBy(field => field.MetadataToken))
        {
            alignment = Math.Max(alignment, Add(fields, memory, field.GetValue(value)!));
        }

        Pad(fields, alignment);
        return Add(bytes, [.. fields], alignment);
    }

    private static int Add(List<byte> bytes, ReadOnlySpan<byte> value, int alignment)
    {
        Pad(bytes, alignment);
        bytes.AddRange(value);
        return alignment;
    }

    private static void Pad(List<byte> bytes, int alignment)
    {
        while (bytes.Count % alignment != 0)
        {
            bytes.Add(0);
        }
    }
}
