using System.Runtime.InteropServices;

namespace GpuConvnet.Model.Numbers;

/// <summary>Zeroed float32 memory outside the collected heap, on a 64-byte boundary: no wide load crosses a cache line.</summary>
internal sealed unsafe class AlignedFloats : SafeHandle
{
    private const int Alignment = 64;

    /// <summary>Reserves and zeroes the memory.</summary>
    /// <param name="count">How many floats.</param>
    public AlignedFloats(int count)
        : base(0, ownsHandle: true)
    {
        nuint bytes = (nuint)count * sizeof(float);
        void* memory = NativeMemory.AlignedAlloc(bytes, Alignment);
        NativeMemory.Clear(memory, bytes);
        SetHandle((nint)memory);
        Count = count;
    }

    /// <summary>How many floats there are.</summary>
    public int Count { get; }

    /// <summary>The first float.</summary>
    public float* Pointer => (float*)handle;

    /// <summary>All of them.</summary>
    public Span<float> Span => new(Pointer, Count);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
