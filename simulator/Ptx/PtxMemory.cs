using System.Runtime.CompilerServices;

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

    // Of each page the buffer, and where that begins among all pages' bytes.
    private readonly List<(byte[] Buffer, int Start)> _pages = [];
    private readonly Dictionary<nint, ulong> _addresses = [];

    /// <summary>How many 32-bit words there are, gaps included.</summary>
    public int Words => _pages.Count * (Page / 4);

    /// <summary>A buffer of which every bit is set, which is no number.</summary>
    /// <param name="length">Its bytes.</param>
    /// <returns>Where the host has it; it stays there.</returns>
    public unsafe nint Allocate(int length)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        buffer.AsSpan().Fill(0xFF);
        int start = _pages.Count * Page;
        _pages.AddRange(Enumerable.Repeat((buffer, start), length / Page + 2));
        nint host = (nint)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(buffer));
        _addresses[host] = Base + (ulong)start;
        return host;
    }

    /// <summary>A buffer's address, as a kernel sees it.</summary>
    /// <param name="host">Where the host has it.</param>
    public ulong AddressOf(nint host) => _addresses[host];

    /// <summary>The bytes at an address.</summary>
    /// <exception cref="PtxFaultException">They are not all of one buffer, or not aligned to their number.</exception>
    public Span<byte> At(ulong address, int count)
    {
        if (address % (ulong)count != 0)
        {
            throw new PtxFaultException($"the address {address:x} is not a multiple of {count}");
        }

        ulong place = address - Base;
        if (address >= Base && place / Page < (ulong)_pages.Count)
        {
            (byte[] buffer, int start) = _pages[(int)(place / Page)];
            int offset = (int)place - start;
            if (offset + count <= buffer.Length)
            {
                return buffer.AsSpan(offset, count);
            }
        }

        throw new PtxFaultException($"there is no buffer with {count} bytes at {address:x}");
    }

    /// <summary>The place of an address among the words.</summary>
    public static int WordOf(ulong address) => (int)((address - Base) / 4);
}
