using System.Runtime.InteropServices;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>
/// The device's memory: buffers with gaps between them, so that an address beyond a buffer's end is nobody's. What nobody
/// has written is no number.
/// </summary>
internal sealed class PtxMemory
{
    // Above 4 GiB, so that an address that lost its upper half is nobody's; buffers begin as CUDA's do.
    private const ulong Base = 0x7_0000_0000;
    private const int Page = 256;

    private readonly List<byte> _bytes = [];
    private readonly List<int> _endOfPage = [];

    /// <summary>How many 32-bit words there are, gaps included.</summary>
    public int Words => _bytes.Count / 4;

    /// <summary>A buffer with values.</summary>
    public PtxBuffer<T> Allocate<T>(params T[] values)
        where T : unmanaged
    {
        PtxBuffer<T> buffer = Allocate<T>(values.Length);
        buffer.Write(values);
        return buffer;
    }

    /// <summary>A buffer of which every bit is set, which is no number.</summary>
    public unsafe PtxBuffer<T> Allocate<T>(int length)
        where T : unmanaged
    {
        int start = _bytes.Count;
        int size = length * sizeof(T);
        int pages = size / Page + 2;
        CollectionsMarshal.SetCount(_bytes, start + pages * Page);
        CollectionsMarshal.AsSpan(_bytes)[start..].Fill(0xFF);
        _endOfPage.AddRange(Enumerable.Repeat(start + size, pages));
        return new PtxBuffer<T>(this, Base + (ulong)start, length);
    }

    /// <summary>The bytes at an address.</summary>
    /// <exception cref="PtxFaultException">They are not all of one buffer, or not aligned to their number.</exception>
    public Span<byte> At(ulong address, int count)
    {
        if (address % (ulong)count != 0)
        {
            throw new PtxFaultException($"the address {address:x} is not a multiple of {count}");
        }

        return Bytes(address, count);
    }

    /// <summary>The place of an address among the words.</summary>
    public static int WordOf(ulong address) => (int)((address - Base) / 4);

    internal Span<byte> Bytes(ulong address, int count)
    {
        ulong place = address - Base;
        if (address < Base || place / Page >= (ulong)_endOfPage.Count
            || (long)place + count > _endOfPage[(int)(place / Page)])
        {
            throw new PtxFaultException($"there is no buffer with {count} bytes at {address:x}");
        }

        return CollectionsMarshal.AsSpan(_bytes).Slice((int)place, count);
    }
}
