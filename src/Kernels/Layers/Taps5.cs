using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The five values of a row of a kernel: weights, or their gradients. In registers.</summary>
internal struct Taps5
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

    /// <summary>Reads five values, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 Load(ArrayView<float> view, int index, int stride = 1) => new()
    {
        T0 = view[index],
        T1 = view[index + stride],
        T2 = view[index + 2 * stride],
        T3 = view[index + 3 * stride],
        T4 = view[index + 4 * stride],
    };

    /// <summary>The sums of these and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Taps5 Plus(Taps5 other) => new()
    {
        T0 = T0 + other.T0,
        T1 = T1 + other.T1,
        T2 = T2 + other.T2,
        T3 = T3 + other.T3,
        T4 = T4 + other.T4,
    };

    /// <summary>Each value times a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Taps5 Times(float factor) => new()
    {
        T0 = factor * T0,
        T1 = factor * T1,
        T2 = factor * T2,
        T3 = factor * T3,
        T4 = factor * T4,
    };

    /// <summary>The sum of the five products of these values and others, added to another sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float DotPlus(Taps5 other, float sum) => DotPlus(other.T0, other.T1, other.T2, other.T3, other.T4, sum);

    /// <inheritdoc cref="DotPlus(Taps5, float)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float DotPlus(float x0, float x1, float x2, float x3, float x4, float sum)
    {
        sum = T0 * x0 + sum;
        sum = T1 * x1 + sum;
        sum = T2 * x2 + sum;
        sum = T3 * x3 + sum;
        return T4 * x4 + sum;
    }

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
