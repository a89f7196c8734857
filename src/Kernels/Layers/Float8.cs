using System.Runtime.CompilerServices;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>Eight neighbouring values of a row: a row of a map of H1, or half a row of an image. In registers.</summary>
internal struct Float8
{
    /// <summary>Columns 0 to 3.</summary>
    public Float4 Left;

    /// <summary>Columns 4 to 7.</summary>
    public Float4 Right;

    /// <summary>Column 0.</summary>
    public float C0 { readonly get => Left.C0; set => Left.C0 = value; }

    /// <summary>Column 1.</summary>
    public float C1 { readonly get => Left.C1; set => Left.C1 = value; }

    /// <summary>Column 2.</summary>
    public float C2 { readonly get => Left.C2; set => Left.C2 = value; }

    /// <summary>Column 3.</summary>
    public float C3 { readonly get => Left.C3; set => Left.C3 = value; }

    /// <summary>Column 4.</summary>
    public float C4 { readonly get => Right.C0; set => Right.C0 = value; }

    /// <summary>Column 5.</summary>
    public float C5 { readonly get => Right.C1; set => Right.C1 = value; }

    /// <summary>Column 6.</summary>
    public float C6 { readonly get => Right.C2; set => Right.C2 = value; }

    /// <summary>Column 7.</summary>
    public float C7 { readonly get => Right.C3; set => Right.C3 = value; }

    /// <summary>A row of the border around a layer's input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Border<TBorder>()
        where TBorder : struct, IBorder => Of(Float4.Of(TBorder.Value), Float4.Of(TBorder.Value));

    /// <summary>These eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Of(float c0, float c1, float c2, float c3, float c4, float c5, float c6, float c7) =>
        Of(Float4.Of(c0, c1, c2, c3), Float4.Of(c4, c5, c6, c7));

    /// <summary>Two times four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Of(Float4 left, Float4 right) => new() { Left = left, Right = right };

    /// <summary>Columns 1 to 7, and what follows them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Then(float next) => Of(C1, C2, C3, C4, C5, C6, C7, next);

    /// <summary>Reads eight values that lie <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Load(ArrayView<float> view, int index, int stride) =>
        Of(Float4.Load(view, index, stride), Float4.Load(view, index + 4 * stride, stride));

    /// <summary>The eight sums of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Plus(Float8 other) => Of(Left.Plus(other.Left), Right.Plus(other.Right));

    /// <summary>The eight products of these values and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Times(Float8 other) => Of(Left.Times(other.Left), Right.Times(other.Right));

    /// <summary>Each value times a factor, added to a sum of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 TimesPlus(float factor, Float8 sums) =>
        Of(Left.TimesPlus(factor, sums.Left), Right.TimesPlus(factor, sums.Right));

    /// <summary>The sum of the eight products of these values and others, added to another sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float DotPlus(Float8 other, float sum) => Right.DotPlus(other.Right, Left.DotPlus(other.Left, sum));

    /// <summary>What an activation makes of eight weighted sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Applied<TActivation>()
        where TActivation : struct, IActivation => Of(Left.Applied<TActivation>(), Right.Applied<TActivation>());

    /// <summary>The eight units' slopes, from their outputs or sums as the activation wants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 Derivatives<THidden>()
        where THidden : struct, IActivation => Of(Left.Derivatives<THidden>(), Right.Derivatives<THidden>());

    /// <summary>Writes eight values, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int index, int stride)
    {
        Left.Store(view, index, stride);
        Right.Store(view, index + 4 * stride, stride);
    }
}
