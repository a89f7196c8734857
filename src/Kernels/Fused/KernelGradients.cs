using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Fused;

/// <summary>What rows of deltas have for the gradient of a row of a map's kernel, or a part of the examples of them.</summary>
internal static class KernelGradients
{
    /// <summary>With what there is from a row of the border.</summary>
    /// <param name="sums">The row's, without.</param>
    /// <param name="deltas">The sum of the deltas above it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 WithBorder(this Taps5 sums, float deltas)
    {
        float sum = deltas * Shape1989.PaddingValue;
        return sums.Plus(new Taps5 { T0 = sum, T1 = sum, T2 = sum, T3 = sum, T4 = sum });
    }

    /// <summary>
    /// Adds what a row of the map of H2 has, from the row of H1 under it; what it has from the border left and right of that is
    /// for <see cref="WithEdges"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref this Taps5 sums, Float8 h1, Float4 deltas)
    {
        sums.T0 = h1.C4 * deltas.C3 + (h1.C2 * deltas.C2 + (h1.C0 * deltas.C1 + sums.T0));
        sums.T1 = h1.C5 * deltas.C3 + (h1.C3 * deltas.C2 + (h1.C1 * deltas.C1 + sums.T1));
        sums.T2 = h1.C6 * deltas.C3 + (h1.C4 * deltas.C2 + (h1.C2 * deltas.C1 + (h1.C0 * deltas.C0 + sums.T2)));
        sums.T3 = h1.C7 * deltas.C3 + (h1.C5 * deltas.C2 + (h1.C3 * deltas.C1 + (h1.C1 * deltas.C0 + sums.T3)));
        sums.T4 = h1.C6 * deltas.C2 + (h1.C4 * deltas.C1 + (h1.C2 * deltas.C0 + sums.T4));
    }

    /// <summary>The same of a row of the map of H1, from the row of the image under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref this Taps5 sums, ImageRow image, Float8 deltas)
    {
        sums.T0 = image.Even.C1 * deltas.C1 + sums.T0;
        sums.T1 = image.Odd.C1 * deltas.C1 + sums.T1;
        sums.T2 = image.Even.C2 * deltas.C1 + (image.Even.C1 * deltas.C0 + sums.T2);
        sums.T3 = image.Odd.C2 * deltas.C1 + (image.Odd.C1 * deltas.C0 + sums.T3);
        sums.T4 = image.Even.C3 * deltas.C1 + (image.Even.C2 * deltas.C0 + sums.T4);
        sums.T0 = image.Even.C3 * deltas.C3 + (image.Even.C2 * deltas.C2 + sums.T0);
        sums.T1 = image.Odd.C3 * deltas.C3 + (image.Odd.C2 * deltas.C2 + sums.T1);
        sums.T2 = image.Even.C4 * deltas.C3 + (image.Even.C3 * deltas.C2 + sums.T2);
        sums.T3 = image.Odd.C4 * deltas.C3 + (image.Odd.C3 * deltas.C2 + sums.T3);
        sums.T4 = image.Even.C5 * deltas.C3 + (image.Even.C4 * deltas.C2 + sums.T4);
        sums.T0 = image.Even.C5 * deltas.C5 + (image.Even.C4 * deltas.C4 + sums.T0);
        sums.T1 = image.Odd.C5 * deltas.C5 + (image.Odd.C4 * deltas.C4 + sums.T1);
        sums.T2 = image.Even.C6 * deltas.C5 + (image.Even.C5 * deltas.C4 + sums.T2);
        sums.T3 = image.Odd.C6 * deltas.C5 + (image.Odd.C5 * deltas.C4 + sums.T3);
        sums.T4 = image.Even.C7 * deltas.C5 + (image.Even.C6 * deltas.C4 + sums.T4);
        sums.T0 = image.Even.C7 * deltas.C7 + (image.Even.C6 * deltas.C6 + sums.T0);
        sums.T1 = image.Odd.C7 * deltas.C7 + (image.Odd.C6 * deltas.C6 + sums.T1);
        sums.T2 = image.Even8 * deltas.C7 + (image.Even.C7 * deltas.C6 + sums.T2);
        sums.T3 = image.Odd8 * deltas.C7 + (image.Odd.C7 * deltas.C6 + sums.T3);
        sums.T4 = image.Even8 * deltas.C6 + sums.T4;
    }

    /// <summary>
    /// With what there is from the border: columns 0 and 1 lie on it at a row's first unit, column 4 at its last.
    /// </summary>
    /// <param name="sums">The row's, without.</param>
    /// <param name="left">The sum of the first units' deltas.</param>
    /// <param name="right">The sum of the last units'.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 WithEdges(this Taps5 sums, float left, float right) => sums.Plus(new Taps5
    {
        T0 = left * Shape1989.PaddingValue,
        T1 = left * Shape1989.PaddingValue,
        T4 = right * Shape1989.PaddingValue,
    });
}
