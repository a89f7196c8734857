using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The gradient of two maps' kernels of 5x5, or what a part of the examples has for it. In registers: 50 of them.</summary>
internal struct TwoKernels
{
    /// <summary>Quads of 25 taps side by side.</summary>
    public const int Quads = 13;

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

    /// <summary>Reads 25 taps, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoKernels Load(ArrayView<TwoMaps> view, int stride) => new()
    {
        Row0 = KernelRow.Load(view, 0, stride),
        Row1 = KernelRow.Load(view, 5 * stride, stride),
        Row2 = KernelRow.Load(view, 10 * stride, stride),
        Row3 = KernelRow.Load(view, 15 * stride, stride),
        Row4 = KernelRow.Load(view, 20 * stride, stride),
    };

    /// <summary>The sums of these and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwoKernels Plus(TwoKernels other) => new()
    {
        Row0 = Row0.Plus(other.Row0),
        Row1 = Row1.Plus(other.Row1),
        Row2 = Row2.Plus(other.Row2),
        Row3 = Row3.Plus(other.Row3),
        Row4 = Row4.Plus(other.Row4),
    };

    /// <summary>Writes 25 taps side by side, two of them a quad; the thirteenth quad is half empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<Columns4> quads)
    {
        quads[0] = TwoMaps.Quad(Row0.Tap0, Row0.Tap1);
        quads[1] = TwoMaps.Quad(Row0.Tap2, Row0.Tap3);
        quads[2] = TwoMaps.Quad(Row0.Tap4, Row1.Tap0);
        quads[3] = TwoMaps.Quad(Row1.Tap1, Row1.Tap2);
        quads[4] = TwoMaps.Quad(Row1.Tap3, Row1.Tap4);
        quads[5] = TwoMaps.Quad(Row2.Tap0, Row2.Tap1);
        quads[6] = TwoMaps.Quad(Row2.Tap2, Row2.Tap3);
        quads[7] = TwoMaps.Quad(Row2.Tap4, Row3.Tap0);
        quads[8] = TwoMaps.Quad(Row3.Tap1, Row3.Tap2);
        quads[9] = TwoMaps.Quad(Row3.Tap3, Row3.Tap4);
        quads[10] = TwoMaps.Quad(Row4.Tap0, Row4.Tap1);
        quads[11] = TwoMaps.Quad(Row4.Tap2, Row4.Tap3);
        quads[12] = TwoMaps.Quad(Row4.Tap4, default);
    }

    /// <summary>Writes 25 taps, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<TwoMaps> view, int stride)
    {
        Row0.Store(view, 0, stride);
        Row1.Store(view, 5 * stride, stride);
        Row2.Store(view, 10 * stride, stride);
        Row3.Store(view, 15 * stride, stride);
        Row4.Store(view, 20 * stride, stride);
    }
}
