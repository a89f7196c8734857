using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The weights of a map's kernel of 5x5, or their gradient, or what a part of the examples has for it. In registers.
/// </summary>
internal struct Kernel5x5
{
    /// <summary>Float4s of 25 taps side by side.</summary>
    public const int Float4s = 7;

    /// <summary>Row 0's.</summary>
    public KernelRow Row0;

    /// <summary>Row 1's.</summary>
    public KernelRow Row1;

    /// <summary>Row 2's.</summary>
    public KernelRow Row2;

    /// <summary>Row 3's.</summary>
    public KernelRow Row3;

    /// <summary>Row 4's.</summary>
    public KernelRow Row4;

    /// <summary>Reads 25 taps in float4s that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kernel5x5 Load(ArrayView<Float4> float4s, int stride)
    {
        Float4 float40 = float4s[0];
        Float4 float41 = float4s[stride];
        Float4 float42 = float4s[2 * stride];
        Float4 float43 = float4s[3 * stride];
        Float4 float44 = float4s[4 * stride];
        Float4 float45 = float4s[5 * stride];
        Float4 float46 = float4s[6 * stride];
        return new()
        {
            Row0 = new() { Tap0 = float40.C0, Tap1 = float40.C1, Tap2 = float40.C2, Tap3 = float40.C3, Tap4 = float41.C0 },
            Row1 = new() { Tap0 = float41.C1, Tap1 = float41.C2, Tap2 = float41.C3, Tap3 = float42.C0, Tap4 = float42.C1 },
            Row2 = new() { Tap0 = float42.C2, Tap1 = float42.C3, Tap2 = float43.C0, Tap3 = float43.C1, Tap4 = float43.C2 },
            Row3 = new() { Tap0 = float43.C3, Tap1 = float44.C0, Tap2 = float44.C1, Tap3 = float44.C2, Tap4 = float44.C3 },
            Row4 = new() { Tap0 = float45.C0, Tap1 = float45.C1, Tap2 = float45.C2, Tap3 = float45.C3, Tap4 = float46.C0 },
        };
    }

    /// <summary>With what there is from the border left and right of the rows under it.</summary>
    /// <param name="left">The sum of the first units' deltas.</param>
    /// <param name="right">The sum of the last units'.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Kernel5x5 WithEdges(float left, float right) => new()
    {
        Row0 = Row0.WithEdges(left, right),
        Row1 = Row1.WithEdges(left, right),
        Row2 = Row2.WithEdges(left, right),
        Row3 = Row3.WithEdges(left, right),
        Row4 = Row4.WithEdges(left, right),
    };

    /// <summary>Writes 25 taps side by side; the seventh float4 has one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<Float4> float4s)
    {
        float4s[0] = new() { C0 = Row0.Tap0, C1 = Row0.Tap1, C2 = Row0.Tap2, C3 = Row0.Tap3 };
        float4s[1] = new() { C0 = Row0.Tap4, C1 = Row1.Tap0, C2 = Row1.Tap1, C3 = Row1.Tap2 };
        float4s[2] = new() { C0 = Row1.Tap3, C1 = Row1.Tap4, C2 = Row2.Tap0, C3 = Row2.Tap1 };
        float4s[3] = new() { C0 = Row2.Tap2, C1 = Row2.Tap3, C2 = Row2.Tap4, C3 = Row3.Tap0 };
        float4s[4] = new() { C0 = Row3.Tap1, C1 = Row3.Tap2, C2 = Row3.Tap3, C3 = Row3.Tap4 };
        float4s[5] = new() { C0 = Row4.Tap0, C1 = Row4.Tap1, C2 = Row4.Tap2, C3 = Row4.Tap3 };
        float4s[6] = new() { C0 = Row4.Tap4 };
    }
}
