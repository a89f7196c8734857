using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The four values of a row of a map of H2. In registers.</summary>
public struct Columns4
{
    /// <summary>Column 0.</summary>
    public float C0;

    /// <summary>Column 1.</summary>
    public float C1;

    /// <summary>Column 2.</summary>
    public float C2;

    /// <summary>Column 3.</summary>
    public float C3;

    /// <summary>Reads four values that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns4 Load(ArrayView<float> view, int index, int stride) => new()
    {
        C0 = view[index],
        C1 = view[index + stride],
        C2 = view[index + 2 * stride],
        C3 = view[index + 3 * stride],
    };

    /// <summary>The four sums of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Columns4 Plus(Columns4 other) => new()
    {
        C0 = C0 + other.C0,
        C1 = C1 + other.C1,
        C2 = C2 + other.C2,
        C3 = C3 + other.C3,
    };

    /// <summary>The four units' slopes, from their outputs or sums as the activation wants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Columns4 Slopes<THidden>()
        where THidden : struct, IActivation => new()
        {
            C0 = THidden.Slope(C0),
            C1 = THidden.Slope(C1),
            C2 = THidden.Slope(C2),
            C3 = THidden.Slope(C3),
        };

    /// <summary>Writes four values, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int index, int stride)
    {
        view[index] = C0;
        view[index + stride] = C1;
        view[index + 2 * stride] = C2;
        view[index + 3 * stride] = C3;
    }
}
