using System.Runtime.CompilerServices;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>Eight neighbouring values of a row: a row of a map of H1, or half a row of an image. In registers.</summary>
public struct Float8
{
    /// <summary>Column 0.</summary>
    public float C0;

    /// <summary>Column 1.</summary>
    public float C1;

    /// <summary>Column 2.</summary>
    public float C2;

    /// <summary>Column 3.</summary>
    public float C3;

    /// <summary>Column 4.</summary>
    public float C4;

    /// <summary>Column 5.</summary>
    public float C5;

    /// <summary>Column 6.</summary>
    public float C6;

    /// <summary>Column 7.</summary>
    public float C7;

    /// <summary>A row of the border around a layer's input.</summary>
    public static Float8 Border
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new()
        {
            C0 = Shape1989.PaddingValue,
            C1 = Shape1989.PaddingValue,
            C2 = Shape1989.PaddingValue,
            C3 = Shape1989.PaddingValue,
            C4 = Shape1989.PaddingValue,
            C5 = Shape1989.PaddingValue,
            C6 = Shape1989.PaddingValue,
            C7 = Shape1989.PaddingValue,
        };
    }

    /// <summary>These eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Of(float c0, float c1, float c2, float c3, float c4, float c5, float c6, float c7) => new()
    {
        C0 = c0,
        C1 = c1,
        C2 = c2,
        C3 = c3,
        C4 = c4,
        C5 = c5,
        C6 = c6,
        C7 = c7,
    };

    /// <summary>Columns 0 to 3.</summary>
    public readonly Float4 Left
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new() { C0 = C0, C1 = C1, C2 = C2, C3 = C3 };
    }

    /// <summary>Columns 4 to 7.</summary>
    public readonly Float4 Right
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new() { C0 = C4, C1 = C5, C2 = C6, C3 = C7 };
    }

    /// <summary>Two times four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Of(Float4 left, Float4 right) => new()
    {
        C0 = left.C0,
        C1 = left.C1,
        C2 = left.C2,
        C3 = left.C3,
        C4 = right.C0,
        C5 = right.C1,
        C6 = right.C2,
        C7 = right.C3,
    };

    /// <summary>Reads eight values that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Load(ArrayView<float> view, int index, int stride) => new()
    {
        C0 = view[index],
        C1 = view[index + stride],
        C2 = view[index + 2 * stride],
        C3 = view[index + 3 * stride],
        C4 = view[index + 4 * stride],
        C5 = view[index + 5 * stride],
        C6 = view[index + 6 * stride],
        C7 = view[index + 7 * stride],
    };

    /// <summary>The eight sums of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Plus(Float8 other) => new()
    {
        C0 = C0 + other.C0,
        C1 = C1 + other.C1,
        C2 = C2 + other.C2,
        C3 = C3 + other.C3,
        C4 = C4 + other.C4,
        C5 = C5 + other.C5,
        C6 = C6 + other.C6,
        C7 = C7 + other.C7,
    };

    /// <summary>The eight products of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Times(Float8 other) => new()
    {
        C0 = C0 * other.C0,
        C1 = C1 * other.C1,
        C2 = C2 * other.C2,
        C3 = C3 * other.C3,
        C4 = C4 * other.C4,
        C5 = C5 * other.C5,
        C6 = C6 * other.C6,
        C7 = C7 * other.C7,
    };

    /// <summary>Each value times a factor, added to a sum of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 TimesPlus(float factor, Float8 sums) => new()
    {
        C0 = C0 * factor + sums.C0,
        C1 = C1 * factor + sums.C1,
        C2 = C2 * factor + sums.C2,
        C3 = C3 * factor + sums.C3,
        C4 = C4 * factor + sums.C4,
        C5 = C5 * factor + sums.C5,
        C6 = C6 * factor + sums.C6,
        C7 = C7 * factor + sums.C7,
    };

    /// <summary>The sum of the eight products of these values and others, added to another sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float DotPlus(Float8 other, float sum)
    {
        sum = C0 * other.C0 + sum;
        sum = C1 * other.C1 + sum;
        sum = C2 * other.C2 + sum;
        sum = C3 * other.C3 + sum;
        sum = C4 * other.C4 + sum;
        sum = C5 * other.C5 + sum;
        sum = C6 * other.C6 + sum;
        return C7 * other.C7 + sum;
    }

    /// <summary>What an activation makes of eight weighted sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Applied<TActivation>()
        where TActivation : struct, IActivation => new()
        {
            C0 = TActivation.Apply(C0),
            C1 = TActivation.Apply(C1),
            C2 = TActivation.Apply(C2),
            C3 = TActivation.Apply(C3),
            C4 = TActivation.Apply(C4),
            C5 = TActivation.Apply(C5),
            C6 = TActivation.Apply(C6),
            C7 = TActivation.Apply(C7),
        };

    /// <summary>The eight units' slopes, from their outputs or sums as the activation wants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Derivatives<THidden>()
        where THidden : struct, IActivation => new()
        {
            C0 = THidden.Derivative(C0),
            C1 = THidden.Derivative(C1),
            C2 = THidden.Derivative(C2),
            C3 = THidden.Derivative(C3),
            C4 = THidden.Derivative(C4),
            C5 = THidden.Derivative(C5),
            C6 = THidden.Derivative(C6),
            C7 = THidden.Derivative(C7),
        };

    /// <summary>Writes eight values, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int index, int stride)
    {
        view[index] = C0;
        view[index + stride] = C1;
        view[index + 2 * stride] = C2;
        view[index + 3 * stride] = C3;
        view[index + 4 * stride] = C4;
        view[index + 5 * stride] = C5;
        view[index + 6 * stride] = C6;
        view[index + 7 * stride] = C7;
    }
}
