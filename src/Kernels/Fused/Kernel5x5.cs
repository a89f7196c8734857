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
    public Taps5 Row0;

    /// <summary>Row 1's.</summary>
    public Taps5 Row1;

    /// <summary>Row 2's.</summary>
    public Taps5 Row2;

    /// <summary>Row 3's.</summary>
    public Taps5 Row3;

    /// <summary>Row 4's.</summary>
    public Taps5 Row4;

    /// <summary>Reads 25 taps in float4s that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Kernel5x5 Load(ArrayView<Float4> float4s, int stride)
    {
        Float4 part0 = float4s[0];
        Float4 part1 = float4s[stride];
        Float4 part2 = float4s[2 * stride];
        Float4 part3 = float4s[3 * stride];
        Float4 part4 = float4s[4 * stride];
        Float4 part5 = float4s[5 * stride];
        Float4 part6 = float4s[6 * stride];
        return new()
        {
            Row0 = new() { T0 = part0.C0, T1 = part0.C1, T2 = part0.C2, T3 = part0.C3, T4 = part1.C0 },
            Row1 = new() { T0 = part1.C1, T1 = part1.C2, T2 = part1.C3, T3 = part2.C0, T4 = part2.C1 },
            Row2 = new() { T0 = part2.C2, T1 = part2.C3, T2 = part3.C0, T3 = part3.C1, T4 = part3.C2 },
            Row3 = new() { T0 = part3.C3, T1 = part4.C0, T2 = part4.C1, T3 = part4.C2, T4 = part4.C3 },
            Row4 = new() { T0 = part5.C0, T1 = part5.C1, T2 = part5.C2, T3 = part5.C3, T4 = part6.C0 },
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
        float4s[0] = Float4.Of(Row0.T0, Row0.T1, Row0.T2, Row0.T3);
        float4s[1] = Float4.Of(Row0.T4, Row1.T0, Row1.T1, Row1.T2);
        float4s[2] = Float4.Of(Row1.T3, Row1.T4, Row2.T0, Row2.T1);
        float4s[3] = Float4.Of(Row2.T2, Row2.T3, Row2.T4, Row3.T0);
        float4s[4] = Float4.Of(Row3.T1, Row3.T2, Row3.T3, Row3.T4);
        float4s[5] = Float4.Of(Row4.T0, Row4.T1, Row4.T2, Row4.T3);
        float4s[6] = new() { C0 = Row4.T4 };
    }
}
