using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The four values of a row of a map of H2. In registers.</summary>
internal struct Float4
{
    /// <summary>Column 0.</summary>
    public float C0;

    /// <summary>Column 1.</summary>
    public float C1;

    /// <summary>Column 2.</summary>
    public float C2;

    /// <summary>Column 3.</summary>
    public float C3;

    /// <summary>The sum of the four.</summary>
    public readonly float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => C0 + C1 + (C2 + C3);
    }

    /// <summary>The same value four times.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Of(float value) => Of(value, value, value, value);

    /// <summary>These four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Of(float c0, float c1, float c2, float c3) => new() { C0 = c0, C1 = c1, C2 = c2, C3 = c3 };

    /// <summary>What dropout multiplies the four units of a row of a map of H2 with.</summary>
    /// <param name="perturbation">The step's.</param>
    /// <param name="place">The example's place in the training set.</param>
    /// <param name="row">Map of H2 * 4 + row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 KeepFactors(Perturbation perturbation, int place, int row)
    {
        perturbation.KeepFactors(place, row, out float factor0, out float factor1, out float factor2, out float factor3);
        return Of(factor0, factor1, factor2, factor3);
    }

    /// <summary>Reads four values that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> view, int index, int stride) => new()
    {
        C0 = view[index],
        C1 = view[index + stride],
        C2 = view[index + 2 * stride],
        C3 = view[index + 3 * stride],
    };

    /// <summary>The four sums of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float4 Plus(Float4 other) => new()
    {
        C0 = C0 + other.C0,
        C1 = C1 + other.C1,
        C2 = C2 + other.C2,
        C3 = C3 + other.C3,
    };

    /// <summary>The four products of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float4 Times(Float4 other) => new()
    {
        C0 = C0 * other.C0,
        C1 = C1 * other.C1,
        C2 = C2 * other.C2,
        C3 = C3 * other.C3,
    };

    /// <summary>Each value times a factor, added to a sum of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float4 TimesPlus(float factor, Float4 sums) => new()
    {
        C0 = C0 * factor + sums.C0,
        C1 = C1 * factor + sums.C1,
        C2 = C2 * factor + sums.C2,
        C3 = C3 * factor + sums.C3,
    };

    /// <summary>The sum of the four products of these values and others, added to another sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float DotPlus(Float4 other, float sum)
    {
        sum = C0 * other.C0 + sum;
        sum = C1 * other.C1 + sum;
        sum = C2 * other.C2 + sum;
        return C3 * other.C3 + sum;
    }

    /// <summary>What an activation makes of four weighted sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float4 Applied<TActivation>()
        where TActivation : struct, IActivation => new()
        {
            C0 = TActivation.Apply(C0),
            C1 = TActivation.Apply(C1),
            C2 = TActivation.Apply(C2),
            C3 = TActivation.Apply(C3),
        };

    /// <summary>The four units' slopes, from their outputs or sums as the activation wants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float4 Derivatives<THidden>()
        where THidden : struct, IActivation => new()
        {
            C0 = THidden.Derivative(C0),
            C1 = THidden.Derivative(C1),
            C2 = THidden.Derivative(C2),
            C3 = THidden.Derivative(C3),
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
