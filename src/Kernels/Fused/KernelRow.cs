using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The gradient of a row of two maps' kernels, or what a part of the examples has for it. In registers.</summary>
internal struct KernelRow
{
    /// <summary>Column 0's.</summary>
    public TwoMaps Tap0;

    /// <summary>Column 1's.</summary>
    public TwoMaps Tap1;

    /// <summary>Column 2's.</summary>
    public TwoMaps Tap2;

    /// <summary>Column 3's.</summary>
    public TwoMaps Tap3;

    /// <summary>Column 4's.</summary>
    public TwoMaps Tap4;

    /// <summary>Reads five taps, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static KernelRow Load(ArrayView<TwoMaps> view, int first, int stride) => new()
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
        Tap0 = Tap0.Plus(other.Tap0),
        Tap1 = Tap1.Plus(other.Tap1),
        Tap2 = Tap2.Plus(other.Tap2),
        Tap3 = Tap3.Plus(other.Tap3),
        Tap4 = Tap4.Plus(other.Tap4),
    };

    /// <summary>Adds what a row of each of the maps has, from the row of H1 under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Columns12 h1, TwoRows deltas)
    {
        Tap0.Add(h1.Under0, deltas.Map0, deltas.Map1);
        Tap1.Add(h1.Under1, deltas.Map0, deltas.Map1);
        Tap2.Add(h1.Under2, deltas.Map0, deltas.Map1);
        Tap3.Add(h1.Under3, deltas.Map0, deltas.Map1);
        Tap4.Add(h1.Under4, deltas.Map0, deltas.Map1);
    }

    /// <summary>Adds what a row of each of the maps has, from the row of the image under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Columns20 image, Columns8 deltas0, Columns8 deltas1)
    {
        Tap0.Add(image.Under0, deltas0, deltas1);
        Tap1.Add(image.Under1, deltas0, deltas1);
        Tap2.Add(image.Under2, deltas0, deltas1);
        Tap3.Add(image.Under3, deltas0, deltas1);
        Tap4.Add(image.Under4, deltas0, deltas1);
    }

    /// <summary>Writes five taps, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<TwoMaps> view, int first, int stride)
    {
        view[first] = Tap0;
        view[first + stride] = Tap1;
        view[first + 2 * stride] = Tap2;
        view[first + 3 * stride] = Tap3;
        view[first + 4 * stride] = Tap4;
    }
}
