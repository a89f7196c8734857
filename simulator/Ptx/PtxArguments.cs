using System.Runtime.InteropServices;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>Lays arguments out as a kernel declares them.</summary>
internal static class PtxArguments
{
    /// <summary>The bytes of a launch's parameters.</summary>
    /// <exception cref="ArgumentException">They are not as long as the kernel declares them.</exception>
    public static byte[] Of(PtxProgram program, params object[] arguments)
    {
        if (arguments.Length != program.Parameters.Count)
        {
            throw new ArgumentException($"{program.Name} has {program.Parameters.Count} parameters, not {arguments.Length}.");
        }

        byte[] bytes = new byte[program.Parameters.Sum(parameter => parameter.Bytes) + 8 * arguments.Length];
        foreach ((PtxParameter parameter, object argument) in program.Parameters.Zip(arguments))
        {
            byte[] value = Of(argument, out _);
            if (value.Length != parameter.Bytes)
            {
                throw new ArgumentException($"{parameter.Name} takes {parameter.Bytes} bytes, and {argument} has {value.Length}.");
            }

            value.CopyTo(bytes, parameter.Offset);
        }

        return bytes;
    }

    private static byte[] Of(object argument, out int alignment)
    {
        switch (argument)
        {
            case IPtxView view:
                alignment = 8;
                return [.. BitConverter.GetBytes(view.Address), .. BitConverter.GetBytes(view.Length)];
            case PtxStruct fields:
                List<byte> bytes = [];
                alignment = 1;
                foreach (object field in fields.Fields)
                {
                    byte[] value = Of(field, out int fieldAlignment);
                    Pad(bytes, fieldAlignment);
                    bytes.AddRange(value);
                    alignment = Math.Max(alignment, fieldAlignment);
                }

                Pad(bytes, alignment);
                return [.. bytes];
            default:
                byte[] plain = new byte[Marshal.SizeOf(argument)];
                GCHandle pinned = GCHandle.Alloc(plain, GCHandleType.Pinned);
                Marshal.StructureToPtr(argument, pinned.AddrOfPinnedObject(), false);
                pinned.Free();
                alignment = plain.Length % 8 == 0 && argument is long or ulong or double ? 8 : Math.Min(4, plain.Length);
                return plain;
        }

        static void Pad(List<byte> bytes, int alignment)
        {
            while (bytes.Count % alignment != 0)
            {
                bytes.Add(0);
            }
        }
    }
}
