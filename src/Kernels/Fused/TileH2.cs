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
    // Of the sources, whose sums a thread forms; of the tile's examples, of which it sums the weights' gradient.
    private const int Quarters = 4;

    // Of a map of H1, whose deltas a thread forms.
    private const int Halves = 2;

    /// <summary>
    /// H2 = activation(bias + weights * H1), and what dropout keeps of it. A thread: two rows of a group's four maps, a quarter
    /// of the sources; each weight it loads serves both rows, each row of H1 up to five of their kernels'. The four threads of
    /// a pair of rows add in turn, where H2 will be.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, THidden>(int thread, FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        // As many threads as there are, and no second round: sums stay in registers across the barrier.
        const int RowPairs = Shape1989.H2Size / 2;
        int tiles = TShape.H2Maps / 4 * RowPairs * Tile<TShape>.Examples;
        int quarter = thread.Over(tiles);
        int place = thread.Modulo(Tile<TShape>.Examples);
        int row = thread.Over(Tile<TShape>.Examples).Modulo(RowPairs) * 2;
        int group = thread.Modulo(tiles).Over(Tile<TShape>.Examples * RowPairs);
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
                int top = row * 2 - Shape1989.Padding;
                ArrayView<Columns4> weights = batch.Weights.SubView(Packing<TShape>.H2Weight(list));
                Columns12 h1 = TileH1.Row<TShape>(quads, place, h1Map, top);
                Columns12 next = TileH1.Row<TShape>(quads, place, h1Map, top + 2);
                AddRows<TShape>(weights, 0, h1, next, ref upper, ref lower);
                h1 = TileH1.Row<TShape>(quads, place, h1Map, top + 4);
                AddRows<TShape>(weights, 2, next, h1, ref upper, ref lower);
                next = TileH1.Row<TShape>(quads, place, h1Map, top + 6);
                AddRows<TShape>(weights, 4, h1, next, ref upper, ref lower);
                h1 = TileH1.Row<TShape>(quads, place, h1Map, top + 1);
                next = TileH1.Row<TShape>(quads, place, h1Map, top + 3);
                AddRows<TShape>(weights, 1, h1, next, ref upper, ref lower);
                h1 = TileH1.Row<TShape>(quads, place, h1Map, top + 5);
                AddRows<TShape>(weights, 3, next, h1, ref upper, ref lower);
            }
        }

        ArrayView<Columns4> h2 = quads.SubView(Place<TShape>(place, group * 4, row));
        if (quarter == 0)
        {
            upper.Store(h2, 0, Shape1989.H2Size);
            lower.Store(h2, 1, Shape1989.H2Size);
        }

        Group.Barrier();
        for (int turn = 1; turn < Quarters; turn++)
        {
            if (quarter == turn)
            {
                FourRows before = FourRows.Load(h2, 0, Shape1989.H2Size);
                FourRows beforeLower = FourRows.Load(h2, 1, Shape1989.H2Size);
                before.Plus(upper).Store(h2, 0, Shape1989.H2Size);
                beforeLower.Plus(lower).Store(h2, 1, Shape1989.H2Size);
            }

            Group.Barrier();
        }

        int rows = TShape.H2Maps * Shape1989.H2Size;
        for (int task = thread; task < rows * Tile<TShape>.Examples; task += FusedKernels.Threads)
        {
            Finish<TShape, THidden>(
                batch, start, noise, quads, task.Modulo(Tile<TShape>.Examples), task.Over(Tile<TShape>.Examples));
        }
    }

    /// <summary>The gradient of the biases. A thread: a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases<TShape>(int thread, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        for (int row = thread; row < TShape.H2Maps * Shape1989.H2Size; row += FusedKernels.Threads)
        {
            share.Add(Packing<TShape>.H2b + row, TileSums.Of(quads, Tile<TShape>.H2 + row, Tile<TShape>.H2Quads));
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: a source's kernels to two maps, over two of the examples, so that each row of H1
    /// it loads serves up to three rows of both kernels. The four threads of a kernel add to the share in turn. Neighbouring
    /// threads have neighbouring sources: they read the same deltas, and maps of H1 from different banks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TShape>(int thread, FusedBatch batch, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int kernels = TShape.H2Maps / 2 * TShape.H2Sources;
        int quarter = thread.Over(kernels);
        int pair = thread.Modulo(kernels).Over(TShape.H2Sources);
        int list = pair.Over(2) * TShape.H2Sources + thread.Modulo(TShape.H2Sources);
        TwoKernels sums = default;
        if (quarter < Quarters)
        {
            const int Places = Tile<TShape>.Examples / Quarters;
            int h1Map = batch.Sources[list];
            for (int place = quarter * Places; place < (quarter + 1) * Places; place++)
            {
                ArrayView<Columns4> deltas = quads.SubView(Place<TShape>(place, pair * 2, 0));
                ArrayView<Columns4> h1 = quads.SubView(TileH1.Place<TShape>(place, h1Map, 0));
                TwoRows row0 = TwoRows.Load(deltas, 0, Shape1989.H2Size);
                TwoRows row1 = TwoRows.Load(deltas, 1, Shape1989.H2Size);
                sums.Row0.Add(Columns12.Border, row0);
                sums.Row1.Add(Columns12.Border, row0);
                Columns12 first = TileH1.Load(h1, 0);
                sums.Row2.Add(first, row0);
                sums.Row0.Add(first, row1);
                AddOdd(ref sums, TileH1.Load(h1, Tile<TShape>.H1RowQuads), row0, row1);
                TwoRows row2 = TwoRows.Load(deltas, 2, Shape1989.H2Size);
                AddEven(ref sums, TileH1.Load(h1, 2 * Tile<TShape>.H1RowQuads), row0, row1, row2);
                AddOdd(ref sums, TileH1.Load(h1, 3 * Tile<TShape>.H1RowQuads), row1, row2);
                TwoRows row3 = TwoRows.Load(deltas, 3, Shape1989.H2Size);
                AddEven(ref sums, TileH1.Load(h1, 4 * Tile<TShape>.H1RowQuads), row1, row2, row3);
                AddOdd(ref sums, TileH1.Load(h1, 5 * Tile<TShape>.H1RowQuads), row2, row3);
                Columns12 last = TileH1.Load(h1, 6 * Tile<TShape>.H1RowQuads);
                sums.Row4.Add(last, row2);
                sums.Row2.Add(last, row3);
                sums.Row3.Add(TileH1.Load(h1, 7 * Tile<TShape>.H1RowQuads), row3);
                sums.Row4.Add(Columns12.Border, row3);
            }
        }

        ArrayView<TwoMaps> weights = share.TwoMapsFrom(Packing<TShape>.H2Weight(list), pair.Modulo(2));
        if (quarter == 0)
        {
            TwoKernels before = share.IsFirst ? default : TwoKernels.Load(weights, TShape.H2Sources * 2);
            before.Plus(sums).Store(weights, TShape.H2Sources * 2);
        }

        Group.Barrier();
        AddInTurn<TShape>(quarter == 1, weights, sums);
        Group.Barrier();
        AddInTurn<TShape>(quarter == 2, weights, sums);
        Group.Barrier();
        AddInTurn<TShape>(quarter == 3, weights, sums);
    }

    /// <summary>
    /// From H2's deltas to H1's, which overwrite H1. A thread: the upper or the lower half of a map of H1, so that each weight
    /// it loads serves two rows. An even row of H1 lies under kernel rows 0, 2 and 4 of three rows of H2, an odd one under 1
    /// and 3 of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<TShape, THidden>(int thread, FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        const int HalfRows = Shape1989.H1Size / Halves;
        int tasks = TShape.H1Maps * Halves * Tile<TShape>.Examples;
        ArrayView<float> weights = batch.Weights.Cast<float>();
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int place = task.Modulo(Tile<TShape>.Examples);
            int half = task.Over(Tile<TShape>.Examples).Modulo(Halves);
            int h1Map = task.Over(Tile<TShape>.Examples * Halves);
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
                    ArrayView<float> taps = weights.SubView(Packing<TShape>.H2Weight(list) * 4 + mapOfGroup);
                    int unit = Place<TShape>(place, list.Over(TShape.H2Sources) * 4 + mapOfGroup, half * 2);
                    Columns4 above = quads[half > 0 ? unit - 1 : Tile<TShape>.Zeros];
                    Columns4 below = quads[half < Halves - 1 ? unit + 2 : Tile<TShape>.Zeros];
                    Columns4 upper = quads[unit];
                    Columns4 lower = quads[unit + 1];
                    AddTwo<TShape>(taps, 0, lower, below, ref sums0, ref sums2);
                    AddTwo<TShape>(taps, 1, lower, below, ref sums1, ref sums3);
                    AddTwo<TShape>(taps, 2, upper, lower, ref sums0, ref sums2);
                    AddTwo<TShape>(taps, 3, upper, lower, ref sums1, ref sums3);
                    AddTwo<TShape>(taps, 4, above, upper, ref sums0, ref sums2);
                }
            }

            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows, sums0);
            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows + 1, sums1);
            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows + 2, sums2);
            TileH1.StoreDeltas<TShape, THidden>(quads, place, h1Map, half * HalfRows + 3, sums3);
        }
    }

    /// <summary>Where a row of a map of an example is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place<TShape>(int place, int map, int row)
        where TShape : struct, IShape =>
        Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + map * Shape1989.H2Size + row;

    /// <summary>What a kernel row of four maps adds to two rows of them, from the row of H1 under each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows<TShape>(
        ArrayView<Columns4> weights, int tapRow, Columns12 h1Upper, Columns12 h1Lower, ref FourRows upper, ref FourRows lower)
        where TShape : struct, IShape
    {
        int first = tapRow * Shape1989.KernelSize * TShape.H2Sources;
        Columns4 taps = weights[first];
        upper.Add(taps, h1Upper.Under0);
        lower.Add(taps, h1Lower.Under0);
        taps = weights[first + TShape.H2Sources];
        upper.Add(taps, h1Upper.Under1);
        lower.Add(taps, h1Lower.Under1);
        taps = weights[first + 2 * TShape.H2Sources];
        upper.Add(taps, h1Upper.Under2);
        lower.Add(taps, h1Lower.Under2);
        taps = weights[first + 3 * TShape.H2Sources];
        upper.Add(taps, h1Upper.Under3);
        lower.Add(taps, h1Lower.Under3);
        taps = weights[first + 4 * TShape.H2Sources];
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
        Columns4 h2 = sums.Plus(batch.Weights[Packing<TShape>.H2b + row])
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddInTurn<TShape>(bool isTurn, ArrayView<TwoMaps> weights, TwoKernels sums)
        where TShape : struct, IShape
    {
        if (isTurn)
        {
            TwoKernels.Load(weights, TShape.H2Sources * 2).Plus(sums).Store(weights, TShape.H2Sources * 2);
        }
    }

    /// <summary>What an even row of H1 adds to two kernels: it lies under their rows 4, 2 and 0 at three rows of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddEven(ref TwoKernels sums, Columns12 h1, TwoRows above, TwoRows middle, TwoRows below)
    {
        sums.Row4.Add(h1, above);
        sums.Row2.Add(h1, middle);
        sums.Row0.Add(h1, below);
    }

    /// <summary>What an odd row of H1 adds to two kernels: it lies under their rows 3 and 1 at two rows of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOdd(ref TwoKernels sums, Columns12 h1, TwoRows middle, TwoRows below)
    {
        sums.Row3.Add(h1, middle);
        sums.Row1.Add(h1, below);
    }

    /// <summary>What two rows of H1 collect through the same kernel row from a row of a map each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTwo<TShape>(
        ArrayView<float> weights, int tapRow, Columns4 deltas0, Columns4 deltas1, ref Columns8 sums0, ref Columns8 sums1)
        where TShape : struct, IShape
    {
        int next = TShape.H2Sources * 4;
        int first = tapRow * Shape1989.KernelSize * next;
        float tap0 = weights[first];
        float tap1 = weights[first + next];
        float tap2 = weights[first + 2 * next];
        float tap3 = weights[first + 3 * next];
        float tap4 = weights[first + 4 * next];
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
