using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H2 of a tile: H1 in, (Examples, H2Maps, 4 rows) quads out, after dropout. The readable twin is <see cref="H2Kernels"/>.
/// </summary>
internal static class TileH2
{
    // Of the sources, whose sums a thread forms.
    private const int Quarters = 4;

    // Of the tile's examples, of which a thread sums the weights' gradient, and of a map of H1, whose deltas it forms.
    private const int Halves = 2;

    /// <summary>
    /// H2 = activation(bias + weights * H1), and what dropout keeps of it. A thread: two rows of a group's four maps, a quarter
    /// of the sources; each weight it loads serves both rows, each row of H1 up to five of their kernels'. The four threads of
    /// a pair of rows add in turn, where H2 will be.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, THidden>(FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        // As many threads as there are, and no second round: sums stay in registers across the barrier.
        const int RowPairs = Shape1989.H2Size / 2;
        int tiles = TShape.H2Maps / 4 * RowPairs * Tile<TShape>.Examples;
        int thread = FusedKernels.ThreadFromThirdWarp;
        int quarter = thread / tiles;
        int place = thread % Tile<TShape>.Examples;
        int row = thread / Tile<TShape>.Examples % RowPairs * 2;
        int group = thread % tiles / (Tile<TShape>.Examples * RowPairs);
        FourRows upper = default;
        FourRows lower = default;
        if (quarter < Quarters)
        {
            int sources = TShape.H2Sources / Quarters;
            for (int source = quarter * sources; source < (quarter + 1) * sources; source++)
            {
                int list = group * TShape.H2Sources + source;
                int h1Map = batch.Sources[list];

                // Every second kernel row, so that the row of H1 under the lower row is next the one under the upper.
                for (int parity = 0; parity < 2; parity++)
                {
                    int top = row * 2 - Shape1989.Padding;
                    Columns12 h1 = TileH1.Row<TShape>(quads, place, h1Map, top + parity);
                    for (int tapRow = parity; tapRow < Shape1989.KernelSize; tapRow += 2)
                    {
                        int weights = Packing<TShape>.H2Weight(list) + tapRow * Shape1989.KernelSize * TShape.H2Sources;
                        Columns12 next = TileH1.Row<TShape>(quads, place, h1Map, top + tapRow + 2);
                        AddRows<TShape>(batch, weights, h1, next, ref upper, ref lower);
                        h1 = next;
                    }
                }
            }
        }

        int first = Place<TShape>(place, group * 4, row);
        for (int turn = 0; turn < Quarters; turn++)
        {
            if (quarter == turn)
            {
                upper.AddTo(quads, first, Shape1989.H2Size, turn == 0);
                lower.AddTo(quads, first + 1, Shape1989.H2Size, turn == 0);
            }

            Group.Barrier();
        }

        int rows = TShape.H2Maps * Shape1989.H2Size;
        for (int task = Group.IdxX; task < rows * Tile<TShape>.Examples; task += FusedKernels.Threads)
        {
            Finish<TShape, THidden>(
                batch, start, noise, quads, task % Tile<TShape>.Examples, task / Tile<TShape>.Examples);
        }
    }

    /// <summary>The gradient of the biases. A thread: a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases<TShape>(ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int rows = TShape.H2Maps * Shape1989.H2Size;
        for (int row = Group.IdxX; row < rows; row += FusedKernels.Threads)
        {
            Columns4 sums = quads[Tile<TShape>.H2 + row];
            for (int place = 1; place < Tile<TShape>.Examples; place++)
            {
                sums = sums.Plus(quads[Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + row]);
            }

            share.Add(Packing<TShape>.H2b + row, sums);
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: a source's kernel row of a group's four maps, over half the tile's examples;
    /// the second half adds what it has to what the first one has left. Neighbouring threads have neighbouring sources: they
    /// read the same deltas, and maps of H1 from different banks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TShape>(FusedBatch batch, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int tiles = TShape.H2Maps / 4 * TShape.H2Sources * Shape1989.KernelSize;
        int half = Group.IdxX / tiles;
        int tile = Group.IdxX % tiles;
        int group = tile / (TShape.H2Sources * Shape1989.KernelSize);
        int tapRow = tile / TShape.H2Sources % Shape1989.KernelSize;
        int list = group * TShape.H2Sources + tile % TShape.H2Sources;
        int map = group * 4;
        Columns4 sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        if (half < Halves)
        {
            int h1Map = batch.Sources[list];
            int firstPlace = half * (Tile<TShape>.Examples / Halves);
            for (int place = firstPlace; place < firstPlace + Tile<TShape>.Examples / Halves; place++)
            {
                for (int row = 0; row < Shape1989.H2Size; row++)
                {
                    Columns12 h1 = TileH1.Row<TShape>(quads, place, h1Map, row * 2 + tapRow - Shape1989.Padding);
                    int unit = Place<TShape>(place, map, row);
                    Columns4 deltas0 = quads[unit];
                    Columns4 deltas1 = quads[unit + Shape1989.H2Size];
                    Columns4 deltas2 = quads[unit + 2 * Shape1989.H2Size];
                    Columns4 deltas3 = quads[unit + 3 * Shape1989.H2Size];
                    AddGradient(h1.Under0, deltas0, deltas1, deltas2, deltas3, ref sums0);
                    AddGradient(h1.Under1, deltas0, deltas1, deltas2, deltas3, ref sums1);
                    AddGradient(h1.Under2, deltas0, deltas1, deltas2, deltas3, ref sums2);
                    AddGradient(h1.Under3, deltas0, deltas1, deltas2, deltas3, ref sums3);
                    AddGradient(h1.Under4, deltas0, deltas1, deltas2, deltas3, ref sums4);
                }
            }
        }

        int weights = Packing<TShape>.H2Weight(list) + tapRow * Shape1989.KernelSize * TShape.H2Sources;
        if (half == 0)
        {
            share.Add(weights, sums0);
            share.Add(weights + TShape.H2Sources, sums1);
            share.Add(weights + 2 * TShape.H2Sources, sums2);
            share.Add(weights + 3 * TShape.H2Sources, sums3);
            share.Add(weights + 4 * TShape.H2Sources, sums4);
        }

        Group.Barrier();
        if (half == 1)
        {
            share.AddMore(weights, sums0);
            share.AddMore(weights + TShape.H2Sources, sums1);
            share.AddMore(weights + 2 * TShape.H2Sources, sums2);
            share.AddMore(weights + 3 * TShape.H2Sources, sums3);
            share.AddMore(weights + 4 * TShape.H2Sources, sums4);
        }
    }

    /// <summary>
    /// From H2's deltas to H1's, which overwrite H1. A thread: the upper or the lower half of a map of H1, so that each weight
    /// it loads serves two rows. An even row of H1 lies under kernel rows 0, 2 and 4 of three rows of H2, an odd one under 1
    /// and 3 of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<TShape, THidden>(FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        const int HalfRows = Shape1989.H1Size / Halves;
        int tasks = TShape.H1Maps * Halves * Tile<TShape>.Examples;
        ArrayView<float> weights = batch.Weights.Cast<float>();
        for (int task = Group.IdxX; task < tasks; task += FusedKernels.Threads)
        {
            int place = task % Tile<TShape>.Examples;
            int half = task / Tile<TShape>.Examples % Halves;
            int h1Map = task / (Tile<TShape>.Examples * Halves);
            Columns8 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            for (int reader = 0; reader < batch.ReadersOfMap; reader++)
            {
                int list = batch.Readers[h1Map * batch.ReadersOfMap + reader];
                if (list < 0)
                {
                    continue;
                }

                for (int mapOfGroup = 0; mapOfGroup < 4; mapOfGroup++)
                {
                    int tap = Packing<TShape>.H2Weight(list) * 4 + mapOfGroup;
                    int unit = Place<TShape>(place, list / TShape.H2Sources * 4 + mapOfGroup, half * 2);
                    Columns4 above = default, below = default;
                    if (half > 0)
                    {
                        above = quads[unit - 1];
                    }

                    if (half < Halves - 1)
                    {
                        below = quads[unit + 2];
                    }

                    Columns4 upper = quads[unit];
                    Columns4 lower = quads[unit + 1];
                    AddTwo<TShape>(weights, tap, lower, below, ref sums0, ref sums2);
                    AddTwo<TShape>(weights, tap + TapRow<TShape>(1), lower, below, ref sums1, ref sums3);
                    AddTwo<TShape>(weights, tap + TapRow<TShape>(2), upper, lower, ref sums0, ref sums2);
                    AddTwo<TShape>(weights, tap + TapRow<TShape>(3), upper, lower, ref sums1, ref sums3);
                    AddTwo<TShape>(weights, tap + TapRow<TShape>(4), above, upper, ref sums0, ref sums2);
                }
            }

            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows, sums0);
            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows + 1, sums1);
            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows + 2, sums2);
            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows + 3, sums3);
        }
    }

    /// <summary>How far behind a kernel's first weight a row of it begins, in floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int TapRow<TShape>(int row)
        where TShape : struct, IShape => row * Shape1989.KernelSize * TShape.H2Sources * 4;

    /// <summary>Where a row of a map of an example is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place<TShape>(int place, int map, int row)
        where TShape : struct, IShape =>
        Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + map * Shape1989.H2Size + row;

    /// <summary>What a kernel row of four maps adds to two rows of them, from the row of H1 under each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows<TShape>(
        FusedBatch batch, int weights, Columns12 h1Upper, Columns12 h1Lower, ref FourRows upper, ref FourRows lower)
        where TShape : struct, IShape
    {
        Columns4 taps = batch.Weights[weights];
        upper.Add(taps, h1Upper.Under0);
        lower.Add(taps, h1Lower.Under0);
        taps = batch.Weights[weights + TShape.H2Sources];
        upper.Add(taps, h1Upper.Under1);
        lower.Add(taps, h1Lower.Under1);
        taps = batch.Weights[weights + 2 * TShape.H2Sources];
        upper.Add(taps, h1Upper.Under2);
        lower.Add(taps, h1Lower.Under2);
        taps = batch.Weights[weights + 3 * TShape.H2Sources];
        upper.Add(taps, h1Upper.Under3);
        lower.Add(taps, h1Lower.Under3);
        taps = batch.Weights[weights + 4 * TShape.H2Sources];
        upper.Add(taps, h1Upper.Under4);
        lower.Add(taps, h1Lower.Under4);
    }

    /// <summary>From the sums of a row of a map to its units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TShape, THidden>(
        FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads, int place, int row)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int unit = Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + row;
        Columns4 sums = quads[unit];
        Columns4 h2 = sums.Plus(Columns4.Load(batch.Parameters, Layout<TShape>.H2b + row * Shape1989.H2Size, 1))
            .Applied<THidden>();
        if (noise.Drops)
        {
            noise.KeepFactors(
                batch.First + start + place, row,
                out float factor0, out float factor1, out float factor2, out float factor3);
            h2.C0 *= factor0;
            h2.C1 *= factor1;
            h2.C2 *= factor2;
            h2.C3 *= factor3;
        }

        quads[unit] = h2;
    }

    /// <summary>The gradient of one tap of four maps from a row of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGradient(
        Columns4 under, Columns4 deltas0, Columns4 deltas1, Columns4 deltas2, Columns4 deltas3, ref Columns4 sums)
    {
        sums.C0 = under.DotPlus(deltas0, sums.C0);
        sums.C1 = under.DotPlus(deltas1, sums.C1);
        sums.C2 = under.DotPlus(deltas2, sums.C2);
        sums.C3 = under.DotPlus(deltas3, sums.C3);
    }

    /// <summary>What two rows of H1 collect through the same kernel row from a row of a map each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTwo<TShape>(
        ArrayView<float> weights, int tap, Columns4 deltas0, Columns4 deltas1, ref Columns8 sums0, ref Columns8 sums1)
        where TShape : struct, IShape
    {
        int next = TShape.H2Sources * 4;
        float tap0 = weights[tap];
        float tap1 = weights[tap + next];
        float tap2 = weights[tap + 2 * next];
        float tap3 = weights[tap + 3 * next];
        float tap4 = weights[tap + 4 * next];
        AddRow(ref sums0, deltas0, tap0, tap1, tap2, tap3, tap4);
        AddRow(ref sums1, deltas1, tap0, tap1, tap2, tap3, tap4);
    }

    /// <summary>Tap t of unit c lies over column 2c - 2 + t: even columns under taps 0, 2 and 4, odd ones under 1 and 3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(
        ref Columns8 sums, Columns4 deltas, float tap0, float tap1, float tap2, float tap3, float tap4)
    {
        sums.C0 = tap2 * deltas.C0 + (tap0 * deltas.C1 + sums.C0);
        sums.C1 = tap3 * deltas.C0 + (tap1 * deltas.C1 + sums.C1);
        sums.C2 = tap4 * deltas.C0 + (tap2 * deltas.C1 + (tap0 * deltas.C2 + sums.C2));
        sums.C3 = tap3 * deltas.C1 + (tap1 * deltas.C2 + sums.C3);
        sums.C4 = tap4 * deltas.C1 + (tap2 * deltas.C2 + (tap0 * deltas.C3 + sums.C4));
        sums.C5 = tap3 * deltas.C2 + (tap1 * deltas.C3 + sums.C5);
        sums.C6 = tap4 * deltas.C2 + (tap2 * deltas.C3 + sums.C6);
        sums.C7 = tap3 * deltas.C3 + sums.C7;
    }
}
