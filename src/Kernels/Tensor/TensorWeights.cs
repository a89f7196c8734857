using System.Runtime.InteropServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// The parameters as the lanes of the tensor kernel's products read them, in float4s: for each step of a product 32 lanes side by side, two
/// values each of a right matrix, four of a left one. H3's biases and all of the outputs' are where <see cref="FusedLayout"/> has them.
/// </summary>
internal static class TensorWeights
{
    /// <summary>Steps of a quarter's product with H2's weights: two of 25 taps each.</summary>
    public const int H2Steps = 13;

    /// <summary>Steps of it on the way back: nine places around an even row, six around an odd one.</summary>
    public const int H2BackSteps = 15;

    /// <summary>Steps of sixteen units' product with H3's weights: eight units of H2 each.</summary>
    public const int H3Steps = Shape1989.H2Maps * Shape1989.H2MapUnits / 8;

    /// <summary>Steps of it on the way back: eight units of H3 each.</summary>
    public const int H3BackSteps = 4;

    // Lanes of two values, and of four.
    private const int PairFloat4s = 16;
    private const int FourFloat4s = 32;

    /// <summary>H1's weights: (5 rows of taps, quarters, lanes, 2).</summary>
    public static int H1w => 0;

    /// <summary>H2's weights: (quarters, steps, lanes, 2).</summary>
    public static int H2w => H1w + Shape1989.KernelSize * TensorTile.Quarters * PairFloat4s;

    /// <summary>H2's weights for the way back: (quarters, steps, lanes, 2).</summary>
    public static int H2wBack => H2w + TensorTile.Quarters * H2Steps * PairFloat4s;

    /// <summary>H1's biases: (halves of its rows, quarters, lanes, 4).</summary>
    public static int H1b => FusedLayout.H1b;

    /// <summary>H2's biases: (groups, 16 units, 4 maps).</summary>
    public static int H2b => FusedLayout.H2b;

    /// <summary>H3's weights: (sixteen units, steps, lanes, 4).</summary>
    public static int H3w => FusedLayout.Float4s;

    /// <summary>H3's weights for the way back: (rows of groups of H2, steps, lanes, 4).</summary>
    public static int H3wBack => H3w + 2 * H3Steps * FourFloat4s;

    /// <summary>How many float4s there are.</summary>
    public static int Float4s => H3wBack + TensorTile.Quarters * Shape1989.H2Size * H3BackSteps * FourFloat4s;

    /// <summary>Where a weight of H1 is for one unit of a pair.</summary>
    /// <param name="map">The map.</param>
    /// <param name="tap">The tap, 0 to 24.</param>
    /// <param name="odd">Which unit of the pair.</param>
    /// <returns>Four times the float4 and the place in it; so do all of these.</returns>
    public static int H1Weight(int map, int tap, int odd)
    {
        int column = tap.Modulo(Shape1989.KernelSize) + 2 * odd;
        int step = tap.Over(Shape1989.KernelSize) * TensorTile.Quarters + (map >> 2);
        return OfPair(H1w, step, odd * 4 + (map & 3), column >> 1, column & 1);
    }

    /// <summary>Where a bias of H1 is.</summary>
    /// <param name="map">The map.</param>
    /// <param name="row">The unit's row.</param>
    /// <param name="column">Its column.</param>
    public static int H1Bias(int map, int row, int column)
    {
        int ofPair = (column & 1) * 4 + (map & 3);
        int pair = column >> 1;
        int rowOfProduct = (pair & 1) * 4 + (row & 3);
        int product = (row >> 2) * TensorTile.Quarters + (map >> 2);
        return (H1b + product * 32 + rowOfProduct * 4 + (ofPair >> 1)) * 4 + (pair >> 1) * 2 + (ofPair & 1);
    }

    /// <summary>Where a weight of H2 is.</summary>
    /// <param name="quarter">The quarter of H1 that it comes from.</param>
    /// <param name="source">The map of the quarter.</param>
    /// <param name="column">The map of the first group, or 4 more than that of the second.</param>
    /// <param name="tap">The tap, 0 to 24.</param>
    public static int H2Weight(int quarter, int source, int column, int tap)
    {
        int tapRow = tap.Over(Shape1989.KernelSize);
        int tapColumn = tap.Modulo(Shape1989.KernelSize);
        int pair = tapRow >> 1;
        int step = tapColumn < 4
            ? pair * 5 + (tapRow & 1) * 2 + (tapColumn >> 1)
            : pair * 5 + (pair < 2 ? 4 : 2);
        return OfPair(H2w, quarter * H2Steps + step, column, source, tapColumn < 4 ? tapColumn & 1 : tapRow & 1);
    }

    /// <summary>Where it is for the way back.</summary>
    /// <param name="quarter">As for <see cref="H2Weight"/>.</param>
    /// <param name="source">As for <see cref="H2Weight"/>.</param>
    /// <param name="column">As for <see cref="H2Weight"/>.</param>
    /// <param name="tap">As for <see cref="H2Weight"/>.</param>
    public static int H2BackWeight(int quarter, int source, int column, int tap)
    {
        int tapRow = tap.Over(Shape1989.KernelSize);
        int tapColumn = tap.Modulo(Shape1989.KernelSize);
        int step = (tapRow & 1) * 6 + (2 - (tapRow >> 1)) * 3 + 2 - (tapColumn >> 1);
        return OfPair(H2wBack, quarter * H2BackSteps + step, (tapColumn & 1) * 4 + source, column & 3, column >> 2);
    }

    /// <summary>Where a weight of H3 is.</summary>
    /// <param name="group">The group of H2 that it comes from.</param>
    /// <param name="map">The map of the group.</param>
    /// <param name="place">The unit of the map.</param>
    /// <param name="unit">The unit of H3.</param>
    public static int H3Weight(int group, int map, int place, int unit)
    {
        int step = group * (Shape1989.H2MapUnits / 2) + (place >> 1);
        int lane = (unit & 7) * 4 + map;
        return (H3w + ((unit >> 4) * H3Steps + step) * 32 + lane) * 4 + ((unit >> 3) & 1) + (place & 1) * 2;
    }

    /// <summary>Where it is for the way back.</summary>
    /// <param name="group">As for <see cref="H3Weight"/>.</param>
    /// <param name="map">As for <see cref="H3Weight"/>.</param>
    /// <param name="place">As for <see cref="H3Weight"/>.</param>
    /// <param name="unit">As for <see cref="H3Weight"/>.</param>
    public static int H3BackWeight(int group, int map, int place, int unit)
    {
        int row = (place & 3) * 4 + map;
        int product = group * Shape1989.H2Size + (place >> 2);
        int lane = (row & 7) * 4 + (unit & 3);
        return (H3wBack + (product * H3BackSteps + (unit >> 3)) * 32 + lane) * 4 + (row >> 3) + ((unit >> 2) & 1) * 2;
    }

    /// <summary>The parameters as the kernel reads them.</summary>
    /// <param name="parameters">All parameters.</param>
    /// <returns>(Float4s).</returns>
    public static Float4[] Pack(ReadOnlySpan<float> parameters)
    {
        float[] values = new float[Float4s * 4];
        for (int value = 0; value < TensorShares.Float4s * 4; value++)
        {
            PackedPlace place = TensorShares.Place(value >> 2, value & 3);
            if (place.Parameter >= 0)
            {
                values[place.First] = parameters[place.Parameter];
                if (place.Second >= 0)
                {
                    values[place.Second] = parameters[place.Parameter];
                }
            }
        }

        return MemoryMarshal.Cast<float, Float4>(values).ToArray();
    }

    private static int OfPair(int first, int step, int row, int column, int second) =>
        first * 4 + (step * 32 + row * 4 + column) * 2 + second;
}
