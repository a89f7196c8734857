using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>Sums over a tile's eight examples: all of them are asked for before the first is added.</summary>
internal static class TileSums
{
    /// <summary>The sum of eight float4s, <paramref name="stride"/> apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Of(ArrayView<Float4> float4s, int first, int stride) => Of(
        float4s[first], float4s[first + stride], float4s[first + 2 * stride], float4s[first + 3 * stride], float4s[first + 4 * stride],
        float4s[first + 5 * stride], float4s[first + 6 * stride], float4s[first + 7 * stride]);

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
    public static Float4 OfH3(ArrayView<Float4> float4s, int block) => Of(
            float4s[Tile.H3Place(0, block)], float4s[Tile.H3Place(1, block)],
            float4s[Tile.H3Place(2, block)], float4s[Tile.H3Place(3, block)],
            float4s[Tile.H3Place(4, block)], float4s[Tile.H3Place(5, block)],
            float4s[Tile.H3Place(6, block)], float4s[Tile.H3Place(7, block)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 Of(
        Float4 one, Float4 two, Float4 three, Float4 four, Float4 five, Float4 six, Float4 seven, Float4 eight) =>
        one.Plus(two).Plus(three.Plus(four)).Plus(five.Plus(six).Plus(seven.Plus(eight)));
}
