using System.Runtime.CompilerServices;
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
