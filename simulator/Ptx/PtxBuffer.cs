using System.Runtime.InteropServices;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>A buffer in the device's memory, or what lies behind some place of one.</summary>
/// <param name="Memory">The memory.</param>
/// <param name="Address">Its address, as a kernel sees it.</param>
/// <param name="Length">How many elements it has.</param>
/// <typeparam name="T">Its elements.</typeparam>
internal readonly record struct PtxBuffer<T>(PtxMemory Memory, ulong Address, long Length) : IPtxView
    where T : unmanaged
{
    /// <summary>A copy of what is in it.</summary>
    public T[] Read()
    {
        T[] values = new T[Length];
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        Memory.Bytes(Address, bytes.Length).CopyTo(bytes);
        return values;
    }

    /// <summary>Overwrites its beginning.</summary>
    public void Write(ReadOnlySpan<T> values)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(values);
        bytes.CopyTo(Memory.Bytes(Address, bytes.Length));
    }

    /// <summary>What is left of it from an element on.</summary>
    public unsafe PtxBuffer<T> From(long element) => new(Memory, Address + (ulong)(element * sizeof(T)), Length - element);
}
