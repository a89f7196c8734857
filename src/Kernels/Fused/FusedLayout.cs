using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The parameters in float4s, in the order in which the fused kernel reads them and writes their gradients: four maps, four
/// neighbouring units, or four units of H3 are one load of 16 bytes. What the kernel reads goes on with the weights of H3 and
/// H2 once more, turned round. Each layer begins with a line of the cache, eight float4s.
/// </summary>
internal static class FusedLayout
{
    private const int Four = 4;
    private const int Line = 8;

    /// <summary>Float4s of maps of H1.</summary>
    public static int H1Blocks => Shape1989.H1Maps / Four;

    /// <summary>H1's weights: (25 taps, float4s of maps).</summary>
    public static int H1w => 0;

    /// <summary>H2's weights: (groups of four maps, 25 taps, sources), see <see cref="H2Weight"/>.</summary>
    public static int H2w => Lines(Shape1989.KernelTaps * H1Blocks);

    /// <summary>H3's weights: (units of H2, float4s of units of H3).</summary>
    public static int H3w => H2w + Lines(Shape1989.H2Maps / Four * Shape1989.H2Sources * Shape1989.KernelTaps);

    /// <summary>The output's weights: (float4s of units of H3, digits).</summary>
    public static int Outw => H3w + Lines(Layout.H2Units * Tile.H3Blocks);

    /// <summary>H1's biases: (maps, 16 float4s of units).</summary>
    public static int H1b => Outw + Lines(Tile.H3Blocks * Layout.Outputs);

    /// <summary>H2's biases: (maps, 4 rows).</summary>
    public static int H2b => H1b + Lines(Layout.H1Units / Four);

    /// <summary>H3's biases: float4s of units.</summary>
    public static int H3b => H2b + Lines(Layout.H2Units / Four);

    /// <summary>The output's biases.</summary>
    public static int Outb => H3b + Lines(Tile.H3Blocks);

    /// <summary>How many float4s there are.</summary>
    public static int Float4s => Outb + Lines((Layout.Outputs + Four - 1) / Four);

    /// <summary>H3's weights once more, (units of H3, float4s of units of H2), for the way back.</summary>
    public static int H3wBack => Float4s;

    /// <summary>
    /// H2's weights once more, for the way back: (maps, 7 float4s of taps, sources), see <see cref="H2BackWeight"/>.
    /// </summary>
    public static int H2wBack => H3wBack + Tile.H3Blocks * Four * Shape1989.H2Maps * Shape1989.H2Size;

    /// <summary>How many float4s there are with these.</summary>
    public static int AllFloat4s => H2wBack + Shape1989.H2Maps * Kernel5x5.Float4s * Shape1989.H2Sources;

    /// <summary>
    /// Where the first four taps of a source's kernel to a map are, for the way back; the next four are <c>H2Sources</c> float4s
    /// further.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="source">Which of its group's sources.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H2BackWeight(int map, int source) => H2wBack + map * (Kernel5x5.Float4s * Shape1989.H2Sources) + source;

    /// <summary>
    /// Where the first tap of a source's kernels to a group's four maps is; the next tap is <c>H2Sources</c> float4s further, so
    /// that threads which each sum the gradient of a source write neighbouring float4s.
    /// </summary>
    /// <param name="list">group * H2Sources + source.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H2Weight(int list) =>
        H2w + list.Over(Shape1989.H2Sources) * (Shape1989.KernelTaps * Shape1989.H2Sources) + list.Modulo(Shape1989.H2Sources);

    /// <summary>Which parameter a float4's value is.</summary>
    /// <param name="float4">The float4.</param>
    /// <param name="lane">Which of its four values.</param>
    /// <returns>The parameter; -1 for a value that only fills the float4 up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Parameter(int float4, int lane)
    {
        const int Taps = Shape1989.KernelTaps;
        if (float4 < H2w)
        {
            int tap = float4.Over(H1Blocks);
            return tap < Taps ? Layout.H1w + (float4.Modulo(H1Blocks) * Four + lane) * Taps + tap : -1;
        }

        if (float4 < H3w)
        {
            int source = (float4 - H2w).Modulo(Shape1989.H2Sources);
            int tap = (float4 - H2w).Over(Shape1989.H2Sources).Modulo(Taps);
            int group = (float4 - H2w).Over(Taps * Shape1989.H2Sources);
            return group < Shape1989.H2Maps / Four
                ? Layout.H2w + ((group * Four + lane) * Shape1989.H2Sources + source) * Taps + tap
                : -1;
        }

        if (float4 < Outw)
        {
            int unit = (float4 - H3w).Modulo(Tile.H3Blocks) * Four + lane;
            int input = (float4 - H3w).Over(Tile.H3Blocks);
            return unit < Shape1989.H3Units && input < Layout.H2Units
                ? Layout.H3w + input * Shape1989.H3Units + unit
                : -1;
        }

        if (float4 < H1b)
        {
            int unit = (float4 - Outw).Over(Layout.Outputs) * Four + lane;
            int digit = (float4 - Outw).Modulo(Layout.Outputs);
            return unit < Shape1989.H3Units ? Layout.Outw + unit * Layout.Outputs + digit : -1;
        }

        return float4 < H2b ? Within(Layout.H1b, (float4 - H1b) * Four + lane, Layout.H1Units)
            : float4 < H3b ? Within(Layout.H2b, (float4 - H2b) * Four + lane, Layout.H2Units)
            : float4 < Outb ? Within(Layout.H3b, (float4 - H3b) * Four + lane, Shape1989.H3Units)
            : Within(Layout.Outb, (float4 - Outb) * Four + lane, Layout.Outputs);
    }

    /// <summary>Where a weight of H3 or H2 is once more.</summary>
    /// <param name="float4">Its float4.</param>
    /// <param name="lane">Which of the float4's four values.</param>
    /// <returns>Four times the float4 and the place in it; -1 for other parameters.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Back(int float4, int lane)
    {
        if (float4 < H2w || float4 >= Outw)
        {
            return -1;
        }

        if (float4 < H3w)
        {
            int source = (float4 - H2w).Modulo(Shape1989.H2Sources);
            int tap = (float4 - H2w).Over(Shape1989.H2Sources).Modulo(Shape1989.KernelTaps);
            int map = (float4 - H2w).Over(Shape1989.KernelTaps * Shape1989.H2Sources) * Four + lane;
            return (H2BackWeight(map, source) + tap / Four * Shape1989.H2Sources) * Four + tap % Four;
        }

        int unit = (float4 - H3w).Modulo(Tile.H3Blocks) * Four + lane;
        int input = (float4 - H3w).Over(Tile.H3Blocks);
        return H3wBack * Four + unit * Layout.H2Units + input;
    }

    /// <summary>The parameters as the kernel reads them.</summary>
    /// <param name="parameters">All parameters.</param>
    /// <returns>(AllFloat4s).</returns>
    public static Float4[] Pack(ReadOnlySpan<float> parameters)
    {
        float[] values = new float[AllFloat4s * Four];
        for (int value = 0; value < Float4s * Four; value++)
        {
            if (Parameter(value / Four, value % Four) is >= 0 and int parameter)
            {
                values[value] = parameters[parameter];
                if (Back(value / Four, value % Four) is >= 0 and int back)
                {
                    values[back] = parameters[parameter];
                }
            }
        }

        return MemoryMarshal.Cast<float, Float4>(values).ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Lines(int float4s) => (float4s + Line - 1) / Line * Line;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Within(int first, int index, int count) => index < count ? first + index : -1;
}
