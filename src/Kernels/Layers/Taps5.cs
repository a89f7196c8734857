using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The five values of a row of a kernel: weights, or their gradients. In registers.</summary>
public struct Taps5
{
    /// <summary>Column 0.</summary>
    public float T0;

    /// <summary>Column 1.</summary>
    public float T1;

    /// <summary>Column 2.</summary>
    public float T2;

    /// <summary>Column 3.</summary>
    public float T3;

    /// <summary>Column 4.</summary>
    public float T4;

    /// <summary>Reads five neighbouring values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 Load(ArrayView<float> view, int index) => new()
    {
        T0 = view[index],
        T1 = view[index + 1],
        T2 = view[index + 2],
        T3 = view[index + 3],
        T4 = view[index + 4],
    };

    /// <summary>Writes five values, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int index, int stride)
    {
        view[index] = T0;
        view[index + stride] = T1;
        view[index + 2 * stride] = T2;
        view[index + 3 * stride] = T3;
        view[index + 4 * stride] = T4;
    }
}
