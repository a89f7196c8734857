using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The weights of a map's kernel of 5x5, or their gradient, or what a part of the examples has for it. In registers.
/// </summary>
internal struct WholeKernel
{
    /// <summary>Quads of 25 taps side by side.</summary>
    public const int Quads = 7;

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

    /// <summary>Reads 25 taps in quads that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WholeKernel Load(ArrayView<Columns4> quads, int stride)
    {
        Columns4 quad0 = quads[0];
        Columns4 quad1 = quads[stride];
        Columns4 quad2 = quads[2 * stride];
        Columns4 quad3 = quads[3 * stride];
        Columns4 quad4 = quads[4 * stride];
        Columns4 quad5 = quads[5 * stride];
        Columns4 quad6 = quads[6 * stride];
        return new()
        {
            Row0 = new() { Tap0 = quad0.C0, Tap1 = quad0.C1, Tap2 = quad0.C2, Tap3 = quad0.C3, Tap4 = quad1.C0 },
            Row1 = new() { Tap0 = quad1.C1, Tap1 = quad1.C2, Tap2 = quad1.C3, Tap3 = quad2.C0, Tap4 = quad2.C1 },
            Row2 = new() { Tap0 = quad2.C2, Tap1 = quad2.C3, Tap2 = quad3.C0, Tap3 = quad3.C1, Tap4 = quad3.C2 },
            Row3 = new() { Tap0 = quad3.C3, Tap1 = quad4.C0, Tap2 = quad4.C1, Tap3 = quad4.C2, Tap4 = quad4.C3 },
            Row4 = new() { Tap0 = quad5.C0, Tap1 = quad5.C1, Tap2 = quad5.C2, Tap3 = quad5.C3, Tap4 = quad6.C0 },
        };
    }

    /// <summary>With what there is from the border left and right of the rows under it.</summary>
    /// <param name="left">The sum of the first units' deltas.</param>
    /// <param name="right">The sum of the last units'.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly WholeKernel WithEdges(float left, float right) => new()
    {
        Row0 = Row0.WithEdges(left, right),
        Row1 = Row1.WithEdges(left, right),
        Row2 = Row2.WithEdges(left, right),
        Row3 = Row3.WithEdges(left, right),
        Row4 = Row4.WithEdges(left, right),
    };

    /// <summary>Writes 25 taps side by side; the seventh quad has one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<Columns4> quads)
    {
        quads[0] = new() { C0 = Row0.Tap0, C1 = Row0.Tap1, C2 = Row0.Tap2, C3 = Row0.Tap3 };
        quads[1] = new() { C0 = Row0.Tap4, C1 = Row1.Tap0, C2 = Row1.Tap1, C3 = Row1.Tap2 };
        quads[2] = new() { C0 = Row1.Tap3, C1 = Row1.Tap4, C2 = Row2.Tap0, C3 = Row2.Tap1 };
        quads[3] = new() { C0 = Row2.Tap2, C1 = Row2.Tap3, C2 = Row2.Tap4, C3 = Row3.Tap0 };
        quads[4] = new() { C0 = Row3.Tap1, C1 = Row3.Tap2, C2 = Row3.Tap3, C3 = Row3.Tap4 };
        quads[5] = new() { C0 = Row4.Tap0, C1 = Row4.Tap1, C2 = Row4.Tap2, C3 = Row4.Tap3 };
        quads[6] = new() { C0 = Row4.Tap4 };
    }
}
