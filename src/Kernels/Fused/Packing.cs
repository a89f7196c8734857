using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The parameters in quads, in the order in which the fused kernel reads them and writes their gradients: four maps, four
/// neighbouring units, or four units of H3 are one load of 16 bytes. What the kernel reads goes on with the weights of H3 and
/// H2 once more, turned round. Each layer begins with a line of the cache, eight quads.
/// </summary>
/// <typeparam name="TShape">The network's widths.</typeparam>
public static class Packing<TShape>
    where TShape : struct, IShape
{
    private const int Four = 4;
    private const int Line = 8;

    /// <summary>Quads of maps of H1.</summary>
    public static int H1Blocks => TShape.H1Maps / Four;

    /// <summary>H1's weights: (25 taps, quads of maps).</summary>
    public static int H1w => 0;

    /// <summary>H2's weights: (groups of four maps, 25 taps, sources), see <see cref="H2Weight"/>.</summary>
    public static int H2w => Lines(Shape1989.KernelTaps * H1Blocks);

    /// <summary>H3's weights: (units of H2, quads of units of H3).</summary>
    public static int H3w => H2w + Lines(TShape.H2Maps / Four * TShape.H2Sources * Shape1989.KernelTaps);

    /// <summary>The output's weights: (quads of units of H3, digits).</summary>
    public static int Outw => H3w + Lines(Layout<TShape>.H2Units * Tile<TShape>.H3Blocks);

    /// <summary>H1's biases: (maps, 16 quads of units).</summary>
    public static int H1b => Outw + Lines(Tile<TShape>.H3Blocks * Layout<TShape>.Outputs);

    /// <summary>H2's biases: (maps, 4 rows).</summary>
    public static int H2b => H1b + Lines(Layout<TShape>.H1Units / Four);

    /// <summary>H3's biases: quads of units.</summary>
    public static int H3b => H2b + Lines(Layout<TShape>.H2Units / Four);

    /// <summary>The output's biases.</summary>
    public static int Outb => H3b + Lines(Tile<TShape>.H3Blocks);

    /// <summary>How many quads there are.</summary>
    public static int Quads => Outb + Lines((Layout<TShape>.Outputs + Four - 1) / Four);

    /// <summary>H3's weights once more, (units of H3, quads of units of H2), for the way back.</summary>
    public static int H3wBack => Quads;

    /// <summary>
    /// H2's weights once more, for the way back: (maps, 7 quads of taps, sources), see <see cref="H2BackWeight"/>.
    /// </summary>
    public static int H2wBack => H3wBack + Tile<TShape>.H3Blocks * Four * TShape.H2Maps * Shape1989.H2Size;

    /// <summary>How many quads there are with these.</summary>
    public static int AllQuads => H2wBack + TShape.H2Maps * WholeKernel.Quads * TShape.H2Sources;

    /// <summary>
    /// Where the first four taps of a source's kernel to a map are, for the way back; the next four are <c>H2Sources</c> quads
    /// further.
    /// </summary>
    /// <param name="map">The map.</param>
    /// <param name="source">Which of its group's sources.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H2BackWeight(int map, int source) => H2wBack + map * (WholeKernel.Quads * TShape.H2Sources) + source;

    /// <summary>
    /// Where the first tap of a source's kernels to a group's four maps is; the next tap is <c>H2Sources</c> quads further, so
    /// that threads which each sum the gradient of a source write neighbouring quads.
    /// </summary>
    /// <param name="list">group * H2Sources + source.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int H2Weight(int list) =>
        H2w + list.Over(TShape.H2Sources) * (Shape1989.KernelTaps * TShape.H2Sources) + list.Modulo(TShape.H2Sources);

    /// <summary>Which parameter a quad's value is.</summary>
    /// <param name="quad">The quad.</param>
    /// <param name="lane">Which of its four values.</param>
    /// <returns>The parameter; -1 for a value that only fills the quad up.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Parameter(int quad, int lane)
    {
        const int Taps = Shape1989.KernelTaps;
        if (quad < H2w)
        {
            int tap = quad.Over(H1Blocks);
            return tap < Taps ? Layout<TShape>.H1w + (quad.Modulo(H1Blocks) * Four + lane) * Taps + tap : -1;
        }

        if (quad < H3w)
        {
            int source = (quad - H2w).Modulo(TShape.H2Sources);
            int tap = (quad - H2w).Over(TShape.H2Sources).Modulo(Taps);
            int group = (quad - H2w).Over(Taps * TShape.H2Sources);
            return group < TShape.H2Maps / Four
                ? Layout<TShape>.H2w + ((group * Four + lane) * TShape.H2Sources + source) * Taps + tap
                : -1;
        }

        if (quad < Outw)
        {
            int unit = (quad - H3w).Modulo(Tile<TShape>.H3Blocks) * Four + lane;
            int input = (quad - H3w).Over(Tile<TShape>.H3Blocks);
            return unit < TShape.H3Units && input < Layout<TShape>.H2Units
                ? Layout<TShape>.H3w + input * TShape.H3Units + unit
                : -1;
        }

        if (quad < H1b)
        {
            int unit = (quad - Outw).Over(Layout<TShape>.Outputs) * Four + lane;
            int digit = (quad - Outw).Modulo(Layout<TShape>.Outputs);
            return unit < TShape.H3Units ? Layout<TShape>.Outw + unit * Layout<TShape>.Outputs + digit : -1;
        }

        return quad < H2b ? Within(Layout<TShape>.H1b, (quad - H1b) * Four + lane, Layout<TShape>.H1Units)
            : quad < H3b ? Within(Layout<TShape>.H2b, (quad - H2b) * Four + lane, Layout<TShape>.H2Units)
            : quad < Outb ? Within(Layout<TShape>.H3b, (quad - H3b) * Four + lane, TShape.H3Units)
            : Within(Layout<TShape>.Outb, (quad - Outb) * Four + lane, Layout<TShape>.Outputs);
    }

    /// <summary>Where a weight of H3 or H2 is once more.</summary>
    /// <param name="quad">Its quad.</param>
    /// <param name="lane">Which of the quad's four values.</param>
    /// <returns>Four times the quad and the place in it; -1 for other parameters.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Back(int quad, int lane)
    {
        if (quad < H2w || quad >= Outw)
        {
            return -1;
        }

        if (quad < H3w)
        {
            int source = (quad - H2w).Modulo(TShape.H2Sources);
            int tap = (quad - H2w).Over(TShape.H2Sources).Modulo(Shape1989.KernelTaps);
            int map = (quad - H2w).Over(Shape1989.KernelTaps * TShape.H2Sources) * Four + lane;
            return (H2BackWeight(map, source) + tap / Four * TShape.H2Sources) * Four + tap % Four;
        }

        int unit = (quad - H3w).Modulo(Tile<TShape>.H3Blocks) * Four + lane;
        int input = (quad - H3w).Over(Tile<TShape>.H3Blocks);
        return H3wBack * Four + unit * Layout<TShape>.H2Units + input;
    }

    /// <summary>The parameters as the kernel reads them.</summary>
    /// <param name="parameters">All parameters.</param>
    /// <returns>(AllQuads).</returns>
    public static Columns4[] Pack(ReadOnlySpan<float> parameters)
    {
        float[] values = new float[AllQuads * Four];
        for (int value = 0; value < Quads * Four; value++)
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

        return MemoryMarshal.Cast<float, Columns4>(values).ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Lines(int quads) => (quads + Line - 1) / Line * Line;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Within(int first, int index, int count) => index < count ? first + index : -1;
}
