using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The weights of a row of a map's kernel, or their gradient, or what a part of the examples has for it. In registers.
/// </summary>
internal struct KernelRow
{
    /// <summary>Column 0's.</summary>
    public float Tap0;

    /// <summary>Column 1's.</summary>
    public float Tap1;

    /// <summary>Column 2's.</summary>
    public float Tap2;

    /// <summary>Column 3's.</summary>
    public float Tap3;

    /// <summary>Column 4's.</summary>
    public float Tap4;

    /// <summary>Reads five taps, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KernelRow Load(ArrayView<float> view, int first, int stride) => new()
    {
        Tap0 = view[first],
        Tap1 = view[first + stride],
        Tap2 = view[first + 2 * stride],
        Tap3 = view[first + 3 * stride],
        Tap4 = view[first + 4 * stride],
    };

    /// <summary>The sums of these and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly KernelRow Plus(KernelRow other) => new()
    {
        Tap0 = Tap0 + other.Tap0,
        Tap1 = Tap1 + other.Tap1,
        Tap2 = Tap2 + other.Tap2,
        Tap3 = Tap3 + other.Tap3,
        Tap4 = Tap4 + other.Tap4,
    };

    /// <summary>With what there is from a row of the border.</summary>
    /// <param name="deltas">The sum of the deltas above it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly KernelRow WithBorder(float deltas)
    {
        float sum = deltas * Shape1989.PaddingValue;
        return Plus(new KernelRow { Tap0 = sum, Tap1 = sum, Tap2 = sum, Tap3 = sum, Tap4 = sum });
    }

    /// <summary>
    /// Adds what a row of the map of H2 has, from the row of H1 under it; what it has from the border left and right of that is
    /// for <see cref="WithEdges"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Float8 h1, Float4 deltas)
    {
        Tap0 = h1.C4 * deltas.C3 + (h1.C2 * deltas.C2 + (h1.C0 * deltas.C1 + Tap0));
        Tap1 = h1.C5 * deltas.C3 + (h1.C3 * deltas.C2 + (h1.C1 * deltas.C1 + Tap1));
        Tap2 = h1.C6 * deltas.C3 + (h1.C4 * deltas.C2 + (h1.C2 * deltas.C1 + (h1.C0 * deltas.C0 + Tap2)));
        Tap3 = h1.C7 * deltas.C3 + (h1.C5 * deltas.C2 + (h1.C3 * deltas.C1 + (h1.C1 * deltas.C0 + Tap3)));
        Tap4 = h1.C6 * deltas.C2 + (h1.C4 * deltas.C1 + (h1.C2 * deltas.C0 + Tap4));
    }

    /// <summary>The same of a row of the map of H1, from the row of the image under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ImageRow image, Float8 deltas)
    {
        Tap0 = image.Q0.C0 * deltas.C1 + Tap0;
        Tap1 = image.Q0.C1 * deltas.C1 + Tap1;
        Tap2 = image.Q0.C2 * deltas.C1 + (image.Q0.C0 * deltas.C0 + Tap2);
        Tap3 = image.Q0.C3 * deltas.C1 + (image.Q0.C1 * deltas.C0 + Tap3);
        Tap4 = image.Q1.C0 * deltas.C1 + (image.Q0.C2 * deltas.C0 + Tap4);
        Tap0 = image.Q1.C0 * deltas.C3 + (image.Q0.C2 * deltas.C2 + Tap0);
        Tap1 = image.Q1.C1 * deltas.C3 + (image.Q0.C3 * deltas.C2 + Tap1);
        Tap2 = image.Q1.C2 * deltas.C3 + (image.Q1.C0 * deltas.C2 + Tap2);
        Tap3 = image.Q1.C3 * deltas.C3 + (image.Q1.C1 * deltas.C2 + Tap3);
        Tap4 = image.Q2.C0 * deltas.C3 + (image.Q1.C2 * deltas.C2 + Tap4);
        Tap0 = image.Q2.C0 * deltas.C5 + (image.Q1.C2 * deltas.C4 + Tap0);
        Tap1 = image.Q2.C1 * deltas.C5 + (image.Q1.C3 * deltas.C4 + Tap1);
        Tap2 = image.Q2.C2 * deltas.C5 + (image.Q2.C0 * deltas.C4 + Tap2);
        Tap3 = image.Q2.C3 * deltas.C5 + (image.Q2.C1 * deltas.C4 + Tap3);
        Tap4 = image.Q3.C0 * deltas.C5 + (image.Q2.C2 * deltas.C4 + Tap4);
        Tap0 = image.Q3.C0 * deltas.C7 + (image.Q2.C2 * deltas.C6 + Tap0);
        Tap1 = image.Q3.C1 * deltas.C7 + (image.Q2.C3 * deltas.C6 + Tap1);
        Tap2 = image.Q3.C2 * deltas.C7 + (image.Q3.C0 * deltas.C6 + Tap2);
        Tap3 = image.Q3.C3 * deltas.C7 + (image.Q3.C1 * deltas.C6 + Tap3);
        Tap4 = image.Q3.C2 * deltas.C6 + Tap4;
    }

    /// <summary>
    /// With what there is from the border: columns 0 and 1 lie on it at a row's first unit, column 4 at its last.
    /// </summary>
    /// <param name="left">The sum of the first units' deltas.</param>
    /// <param name="right">The sum of the last units'.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly KernelRow WithEdges(float left, float right) => Plus(new KernelRow
    {
        Tap0 = left * Shape1989.PaddingValue,
        Tap1 = left * Shape1989.PaddingValue,
        Tap4 = right * Shape1989.PaddingValue,
    });

    /// <summary>Writes five taps, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int first, int stride)
    {
        view[first] = Tap0;
        view[first + stride] = Tap1;
        view[first + 2 * stride] = Tap2;
        view[first + 3 * stride] = Tap3;
        view[first + 4 * stride] = Tap4;
    }
}
