namespace GpuConvnet.Simulator.Ptx;

/// <summary>What a kernel gets for an <c>ArrayView</c>: an address and a length, eight bytes each.</summary>
internal interface IPtxView
{
    ulong Address { get; }

    long Length { get; }
}
