using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>Sums over a tile's eight examples: all of them are asked for before the first is added.</summary>
internal static class TileSums
{
    /// <summary>The sum of eight quads, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns4 Of(ArrayView<Columns4> quads, int first, int stride) => Of(
        quads[first], quads[first + stride], quads[first + 2 * stride], quads[first + 3 * stride], quads[first + 4 * stride],
        quads[first + 5 * stride], quads[first + 6 * stride], quads[first + 7 * stride]);

    /// <summary>The sum of eight values, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Of(ArrayView<float> values, int first, int stride)
    {
        float one = values[first] + values[first + stride];
        float two = values[first + 2 * stride] + values[first + 3 * stride];
        float three = values[first + 4 * stride] + values[first + 5 * stride];
        float four = values[first + 6 * stride] + values[first + 7 * stride];
        return one + two + (three + four);
    }

    /// <summary>The sum of four units of H3 over the examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns4 OfH3<TShape>(ArrayView<Columns4> quads, int block)
        where TShape : struct, Shapes.IShape => Of(
            quads[Tile<TShape>.H3Place(0, block)], quads[Tile<TShape>.H3Place(1, block)],
            quads[Tile<TShape>.H3Place(2, block)], quads[Tile<TShape>.H3Place(3, block)],
            quads[Tile<TShape>.H3Place(4, block)], quads[Tile<TShape>.H3Place(5, block)],
            quads[Tile<TShape>.H3Place(6, block)], quads[Tile<TShape>.H3Place(7, block)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Columns4 Of(
        Columns4 one, Columns4 two, Columns4 three, Columns4 four, Columns4 five, Columns4 six, Columns4 seven, Columns4 eight) =>
        one.Plus(two).Plus(three.Plus(four)).Plus(five.Plus(six).Plus(seven.Plus(eight)));
}
