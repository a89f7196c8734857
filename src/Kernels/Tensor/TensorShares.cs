using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A group's share of the gradient as the tensor kernel writes it, in float4s: the sums of products as their lanes have them, units of four
/// maps, and then what <see cref="FusedLayout"/> has from the outputs' weights on.
/// </summary>
internal readonly struct TensorShares : IPackedLayout
{
    /// <summary>Products of a quarter with four slots of taps each, see <see cref="TapOf"/>.</summary>
    public const int H2Products = 7;

    /// <summary>Products of sixteen units of H3, with eight of H2 each.</summary>
    public const int H3Products = TensorWeights.H3Steps;

    private const int Lanes = 32;
    private const int Line = 8;

    /// <summary>H1's weights: (25 taps, maps).</summary>
    public static int H1w => 0;

    /// <summary>H2's weights: (quarters, products, lanes, 4).</summary>
    public static int H2w => (Layout.H1b / 4 + Line - 1) / Line * Line;

    /// <summary>H3's weights: (sixteen units, products, lanes, 4).</summary>
    public static int H3w => H2w + TensorTile.Quarters * H2Products * Lanes;

    /// <summary>
    /// From here on the layout is that of <see cref="FusedLayout"/> from the outputs' weights on, so many float4s further.
    /// </summary>
    public static int Tail => H3w + 2 * H3Products * Lanes - FusedLayout.Outw;

    /// <summary>
    /// H1's biases: (quarters, 4 rows, even and odd columns, 2 rows, 4 columns, 4 maps), see <see cref="RowOf"/>.
    /// </summary>
    public static int H1b => Tail + FusedLayout.H1b;

    /// <summary>H2's biases: (groups, 16 units, 4 maps).</summary>
    public static int H2b => Tail + FusedLayout.H2b;

    /// <inheritdoc/>
    public static int Float4s => Tail + FusedLayout.Float4s;

    /// <summary>
    /// Which tap of H2's kernels a slot is: of a product per row of the kernel columns 0, 2, 1 and 3; then of column 4 rows 0, 2, 1 and 3;
    /// and in the second slot of the last product its row 4.
    /// </summary>
    /// <param name="slot">The slot, 0 to 27: four to a product.</param>
    /// <returns>The tap, 0 to 24; -1 for a slot that has none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TapOf(int slot)
    {
        const int Size = Shape1989.KernelSize;
        int product = slot >> 2;
        int ofProduct = (slot & 1) * 2 + ((slot >> 1) & 1);
        return product < Size ? product * Size + ofProduct
            : product == Size ? ofProduct * Size + Size - 1
            : ofProduct == 2 ? Size * Size - 1
            : -1;
    }

    /// <summary>
    /// Which row of H1 a cell of its biases is in: of neighbours the one and the second below it, which lie in different banks.
    /// </summary>
    /// <param name="cell">The float4, from the first of the biases.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RowOf(int cell) => ((cell >> 1) & 2) + ((cell >> 4) & 1) + ((cell >> 3) & 4);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PackedPlace Place(int float4, int lane) =>
        float4 < H2w ? H1Weight(float4 * 4 + lane)
        : float4 < H3w ? H2Weight(float4 - H2w, lane)
        : float4 < Tail + FusedLayout.Outw ? H3Weight(float4 - H3w, lane)
        : float4 >= H1b && float4 < H2b ? H1Bias(float4 - H1b, lane)
        : float4 >= H2b && float4 < Tail + FusedLayout.H3b ? H2Bias(float4 - H2b, lane)
        : new PackedPlace(FusedLayout.Parameter(float4 - Tail, lane), (float4 - Tail) * 4 + lane, -1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PackedPlace H1Weight(int weight)
    {
        if (weight >= Layout.H1b)
        {
            return PackedPlace.None;
        }

        int map = weight.Modulo(Shape1989.H1Maps);
        int tap = weight.Over(Shape1989.H1Maps);
        return new PackedPlace(
            Layout.H1w + map * Shape1989.KernelTaps + tap, TensorWeights.H1Weight(map, tap, 0), TensorWeights.H1Weight(map, tap, 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PackedPlace H2Weight(int float4, int value)
    {
        int lane = float4.Modulo(Lanes);
        int quarter = (float4 >> 5).Over(H2Products);
        int row = (lane >> 2) + (value >> 1) * 8;
        int column = (lane & 3) * 2 + (value & 1);
        int tap = TapOf((float4 >> 5).Modulo(H2Products) * 4 + (row >> 2));
        if (tap < 0)
        {
            return PackedPlace.None;
        }

        // A group's first four sources are the quarter of the lower number.
        bool isFirst = column < 4;
        int group = isFirst ? TensorTile.FirstGroup(quarter) : TensorTile.SecondGroup(quarter);
        bool isHigher = isFirst ? quarter == TensorTile.Quarters - 1 : quarter > 0;
        int source = (isHigher ? 4 : 0) + (row & 3);
        int map = group * 4 + (column & 3);
        return new PackedPlace(
            Layout.H2w + (map * Shape1989.H2Sources + source) * Shape1989.KernelTaps + tap,
            TensorWeights.H2Weight(quarter, row & 3, column, tap), TensorWeights.H2BackWeight(quarter, row & 3, column, tap));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PackedPlace H3Weight(int float4, int value)
    {
        int lane = float4.Modulo(Lanes);
        int product = (float4 >> 5).Modulo(H3Products);
        int unit = (float4 >> 5).Over(H3Products) * 16 + (lane >> 2) + (value >> 1) * 8;
        if (unit >= Shape1989.H3Units)
        {
            return PackedPlace.None;
        }

        int column = (lane & 3) * 2 + (value & 1);
        int group = product >> 3;
        int place = (product & 7) * 2 + (column >> 2);
        int map = column & 3;
        int input = (group * 4 + map) * Shape1989.H2MapUnits + place;
        return new PackedPlace(
            Layout.H3w + input * Shape1989.H3Units + unit,
            TensorWeights.H3Weight(group, map, place, unit), TensorWeights.H3BackWeight(group, map, place, unit));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PackedPlace H1Bias(int cell, int lane)
    {
        int map = (cell >> 6) * 4 + lane;
        int row = RowOf(cell);
        int column = (cell & 3) * 2 + ((cell >> 3) & 1);
        return new PackedPlace(
            Layout.H1b + map * Shape1989.H1MapUnits + row * Shape1989.H1Size + column, TensorWeights.H1Bias(map, row, column), -1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static PackedPlace H2Bias(int cell, int lane) => new(
        Layout.H2b + ((cell >> 4) * 4 + lane) * Shape1989.H2MapUnits + (cell & 15), (TensorWeights.H2b + cell) * 4 + lane, -1);
}
