using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// Register tiles where there may be too few values for one, or no multiple of one: counts are compile-time constants, so that
/// nothing is left of what is not there.
/// </summary>
internal static class Tiles
{
    /// <summary>How many tiles cover some values.</summary>
    /// <param name="count">The values.</param>
    /// <param name="width">Values of a tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(int count, int width) => (count + width - 1) / width;

    /// <summary>Where a tile begins so that it does not go beyond the last value; it then overlaps the tile before it.</summary>
    /// <param name="begin">Where it would begin.</param>
    /// <param name="count">The values.</param>
    /// <param name="width">Values of a tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Start(int begin, int count, int width) =>
        count < width ? 0 : begin > count - width ? count - width : begin;

    /// <summary>Reads four values, or as many as there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadFour(ArrayView<float> view, int place, int step, int count)
    {
        Float4 values = default;
        values.C0 = view[place];
        if (count > 1)
        {
            values.C1 = view[place + step];
        }

        if (count > 2)
        {
            values.C2 = view[place + 2 * step];
        }

        if (count > 3)
        {
            values.C3 = view[place + 3 * step];
        }

        return values;
    }

    /// <summary>Reads five values, or as many as there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 LoadFive(ArrayView<float> view, int place, int step, int count)
    {
        Taps5 values = default;
        values.T0 = view[place];
        if (count > 1)
        {
            values.T1 = view[place + step];
        }

        if (count > 2)
        {
            values.T2 = view[place + 2 * step];
        }

        if (count > 3)
        {
            values.T3 = view[place + 3 * step];
        }

        if (count > 4)
        {
            values.T4 = view[place + 4 * step];
        }

        return values;
    }

    /// <summary>Writes four values, or as many as there are, but for the first ones, which another tile writes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFour(Float4 values, ArrayView<float> view, int place, int step, int skipped, int count)
    {
        if (skipped < 1)
        {
            view[place] = values.C0;
        }

        if (count > 1 && skipped < 2)
        {
            view[place + step] = values.C1;
        }

        if (count > 2 && skipped < 3)
        {
            view[place + 2 * step] = values.C2;
        }

        if (count > 3 && skipped < 4)
        {
            view[place + 3 * step] = values.C3;
        }
    }

    /// <summary>Adds values times a factor to five sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ref Taps5 sums, float factor, Taps5 values)
    {
        sums.T0 = factor * values.T0 + sums.T0;
        sums.T1 = factor * values.T1 + sums.T1;
        sums.T2 = factor * values.T2 + sums.T2;
        sums.T3 = factor * values.T3 + sums.T3;
        sums.T4 = factor * values.T4 + sums.T4;
    }
}
