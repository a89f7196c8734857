using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H2 of a tile: H1 in, (Examples, H2Maps, 4 rows) float4s out, after dropout. The readable twin is <see cref="H2Kernels"/>.
/// </summary>
internal static class TileH2
{
    // Of the sources, whose sums a thread forms.
    private const int Quarters = 4;

    // Pairs of rows of H2. Of two, the first has the border above it, the last below.
    private const int RowPairs = Shape1989.H2Size / 2;

    // Of a map of H1, whose deltas a thread forms.
    private const int Halves = 2;

    /// <summary>
    /// H2 = activation(bias + weights * H1), and what dropout keeps of it. A thread: two rows of a group's four maps, a quarter
    /// of the sources; each weight it loads serves both rows. The four threads of a pair of rows leave their sums in two
    /// places, two after two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        // As many threads as there are, and no second round: sums stay in registers across the barrier. A warp has one pair of
        // rows, so that what only a row on the border skips is skipped by all its threads, and one group, whose weights of four
        // sources lie side by side.
        int groups = Shape1989.H2Maps / 4;
        int place = thread.Modulo(Tile.Examples);
        int quarter = thread.Over(Tile.Examples).Modulo(Quarters);
        int group = thread.Over(Tile.Examples * Quarters).Modulo(groups);
        int pair = thread.Over(Tile.Examples * Quarters * groups);
        int innerRow = 1 + pair;
        int outerRow = 3 * pair;
        FourRows inner = default;
        FourRows outer = default;
        if (pair < RowPairs)
        {
            // The outer row of a pair has kernel rows 0 and 1 on the border above, or row 4 on the border below.
            int first = pair == 0 ? 0 : Shape1989.KernelSize - 1;
            int end = pair == 0 ? Shape1989.Padding : Shape1989.KernelSize;
            int bothFirst = pair == 0 ? end : 0;
            int bothEnd = pair == 0 ? Shape1989.KernelSize : first;
            Float4 border = default;
            int sources = Shape1989.H2Sources / Quarters;
            for (int source = quarter * sources; source < (quarter + 1) * sources; source++)
            {
                int list = group * Shape1989.H2Sources + source;
                int h1Map = batch.Sources[list];
                int outerRows = TileH1.Place(place, h1Map, outerRow * 2 - Shape1989.Padding);
                int innerRows = TileH1.Place(place, h1Map, innerRow * 2 - Shape1989.Padding);
                ArrayView<Float4> weights = batch.Weights.SubView(FusedLayout.H2Weight(list));
                for (int tapRow = bothFirst; tapRow < bothEnd; tapRow++)
                {
                    AddRows(
                        weights, tapRow, TileH1.Row(float4s, innerRows, tapRow), TileH1.Row(float4s, outerRows, tapRow), ref inner,
                        ref outer);
                }

                for (int tapRow = first; tapRow < end; tapRow++)
                {
                    AddRow(weights, tapRow, TileH1.Row(float4s, innerRows, tapRow), ref inner, ref border);
                }
            }

            outer.AddToAll(border);
        }

        ArrayView<Float4> part = float4s.SubView(
            Place(place, group * 4, 0) + quarter.Modulo(2) * (Tile.H2Part - Tile.H2));
        if (quarter < 2 && pair < RowPairs)
        {
            inner.Store(part, innerRow, Shape1989.H2Size);
            outer.Store(part, outerRow, Shape1989.H2Size);
        }

        Group.Barrier();
        if (quarter >= 2 && pair < RowPairs)
        {
            FourRows beforeInner = FourRows.Load(part, innerRow, Shape1989.H2Size);
            FourRows beforeOuter = FourRows.Load(part, outerRow, Shape1989.H2Size);
            beforeInner.Plus(inner).Store(part, innerRow, Shape1989.H2Size);
            beforeOuter.Plus(outer).Store(part, outerRow, Shape1989.H2Size);
        }

        Group.Barrier();
        Perturbation perturbation = batch.Perturbation;
        int rows = Shape1989.H2Maps * Shape1989.H2Size;
        for (int task = thread; task < rows * Tile.Examples; task += FusedKernels.Threads)
        {
            Finish<THidden>(
                batch, start, perturbation, float4s, task.Modulo(Tile.Examples), task.Over(Tile.Examples));
        }
    }

    /// <summary>The gradient of the biases. A thread: a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases(int thread, ArrayView<Float4> float4s, GradientShare share)
    {
        for (int row = thread; row < Shape1989.H2Maps * Shape1989.H2Size; row += FusedKernels.Threads)
        {
            share.Add(FusedLayout.H2b + row, TileSums.Of(float4s, Tile.H2 + row, Tile.H2Float4s));
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: the even or the odd rows of a kernel, which lie on even or odd rows of H1, over
    /// all examples: nothing is left to add up. Two neighbouring threads have two maps of the same source, so that what
    /// they read of H1 is the same, which halves what a load takes; the next two have the next source.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(int thread, FusedBatch batch, ArrayView<Float4> float4s, GradientShare share)
    {
        int kernels = Shape1989.H2Maps * Shape1989.H2Sources;
        for (int task = thread; task < 2 * kernels; task += FusedKernels.Threads)
        {
            int map = task.Modulo(kernels).Over(2 * Shape1989.H2Sources) * 2 + task.Modulo(2);
            int list = map.Over(4) * Shape1989.H2Sources + task.Over(2).Modulo(Shape1989.H2Sources);
            int h1 = TileH1.Place(0, batch.Sources[list], 0);
            int deltas = Place(0, map, 0);
            ArrayView<float> taps = share.ValuesFrom(FusedLayout.H2Weight(list), map.Modulo(4));
            if (task < kernels)
            {
                AddEvenRows(float4s, h1, deltas, taps, share.IsFirst);
            }
            else
            {
                AddOddRows(float4s, h1, deltas, taps, share.IsFirst);
            }
        }
    }

    /// <summary>
    /// From H2's deltas to H1's, which overwrite H1. A thread: the upper or the lower half of a map of H1, so that each weight
    /// it loads serves two rows. An even row of H1 lies under kernel rows 0, 2 and 4 of three rows of H2, an odd one under 1
    /// and 3 of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(int thread, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        const int HalfRows = Shape1989.H1Size / Halves;
        int tasks = Shape1989.H1Maps * Halves * Tile.Examples;
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            TileH1.HalfOfMap(task, out int place, out int h1Map, out int half);
            Float8 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            for (int reader = 0; reader < batch.ReadersOfMap; reader++)
            {
                int list = batch.Readers[h1Map * batch.ReadersOfMap + reader];
                if (list < 0)
                {
                    continue;
                }

                int first = list.Over(Shape1989.H2Sources) * 4;
                for (int map = first; map < first + 4; map++)
                {
                    Kernel5x5 taps = Kernel5x5.Load(
                        batch.Weights.SubView(FusedLayout.H2BackWeight(map, list.Modulo(Shape1989.H2Sources))), Shape1989.H2Sources);
                    int row = Place(place, map, half * 2);
                    Float4 above = float4s[half > 0 ? row - 1 : Tile.Zeros];
                    Float4 upper = float4s[row];
                    Float4 lower = float4s[row + 1];
                    Float4 below = float4s[half < Halves - 1 ? row + 2 : Tile.Zeros];
                    AddRow(ref sums0, lower, taps.Row0);
                    AddRow(ref sums1, lower, taps.Row1);
                    AddRow(ref sums2, below, taps.Row0);
                    AddRow(ref sums3, below, taps.Row1);
                    AddRow(ref sums0, upper, taps.Row2);
                    AddRow(ref sums1, upper, taps.Row3);
                    AddRow(ref sums2, lower, taps.Row2);
                    AddRow(ref sums3, lower, taps.Row3);
                    AddRow(ref sums0, above, taps.Row4);
                    AddRow(ref sums2, upper, taps.Row4);
                }
            }

            TileH1.StoreDeltas<THidden>(float4s, place, h1Map, half * HalfRows, sums0);
            TileH1.StoreDeltas<THidden>(float4s, place, h1Map, half * HalfRows + 1, sums1);
            TileH1.StoreDeltas<THidden>(float4s, place, h1Map, half * HalfRows + 2, sums2);
            TileH1.StoreDeltas<THidden>(float4s, place, h1Map, half * HalfRows + 3, sums3);
        }
    }

    /// <summary>Where a row of a map of an example is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(int place, int map, int row) =>
        Tile.H2 + place * Tile.H2Float4s + map * Shape1989.H2Size + row;

    /// <summary>
    /// What a kernel row of four maps adds to a row of them, from the row of H1 under it, and to another under which is the
    /// border.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(
        ArrayView<Float4> weights, int tapRow, PaddedH1Row h1, ref FourRows sums, ref Float4 border)
    {
        ArrayView<Float4> row = weights.SubView(tapRow * Shape1989.KernelSize * Shape1989.H2Sources);
        Float4 tap0 = row[0];
        Float4 tap1 = row[Shape1989.H2Sources];
        Float4 tap2 = row[2 * Shape1989.H2Sources];
        Float4 tap3 = row[3 * Shape1989.H2Sources];
        Float4 tap4 = row[4 * Shape1989.H2Sources];
        sums.Add(tap0, h1.Under0);
        sums.Add(tap1, h1.Under1);
        sums.Add(tap2, h1.Under2);
        sums.Add(tap3, h1.Under3);
        sums.Add(tap4, h1.Under4);
        border = tap0.Plus(tap1).Plus(tap2.Plus(tap3)).Plus(tap4).TimesPlus(Shape1989.PaddingValue, border);
    }

    /// <summary>What a kernel row of four maps adds to two rows of them, from the row of H1 under each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(
        ArrayView<Float4> weights, int tapRow, PaddedH1Row h1Upper, PaddedH1Row h1Lower, ref FourRows upper, ref FourRows lower)
    {
        ArrayView<Float4> row = weights.SubView(tapRow * Shape1989.KernelSize * Shape1989.H2Sources);
        Float4 taps = row[0];
        upper.Add(taps, h1Upper.Under0);
        lower.Add(taps, h1Lower.Under0);
        taps = row[Shape1989.H2Sources];
        upper.Add(taps, h1Upper.Under1);
        lower.Add(taps, h1Lower.Under1);
        taps = row[2 * Shape1989.H2Sources];
        upper.Add(taps, h1Upper.Under2);
        lower.Add(taps, h1Lower.Under2);
        taps = row[3 * Shape1989.H2Sources];
        upper.Add(taps, h1Upper.Under3);
        lower.Add(taps, h1Lower.Under3);
        taps = row[4 * Shape1989.H2Sources];
        upper.Add(taps, h1Upper.Under4);
        lower.Add(taps, h1Lower.Under4);
    }

    /// <summary>From the sums of a row of a map to its units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<THidden>(
        FusedBatch batch, int start, Perturbation perturbation, ArrayView<Float4> float4s, int place, int row)
        where THidden : struct, IActivation
    {
        int unit = Tile.H2 + place * Tile.H2Float4s + row;
        Float4 sums = float4s[unit].Plus(float4s[unit + Tile.H2Part - Tile.H2]);
        Float4 h2 = sums.Plus(batch.Weights[FusedLayout.H2b + row])
            .Applied<THidden>();
        if (perturbation.Drops)
        {
            h2 = h2.Times(Float4.KeepFactors(perturbation, batch.First + start + place, row));
        }

        float4s[unit] = h2;
    }

    /// <summary>
    /// Adds to the share what all examples have for rows 0, 2 and 4 of a kernel. Row 2y of H1 lies under row 2 at row y of H2,
    /// under 0 at the next, and under 4 at the one before; rows 0 and 4 lie on the border once each.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddEvenRows(
        ArrayView<Float4> float4s, int h1, int deltas, ArrayView<float> taps, bool isFirst)
    {
        Taps5 row0 = default;
        Taps5 row2 = default;
        Taps5 row4 = default;
        float above = 0f, below = 0f;
        float left0 = 0f, left12 = 0f, left3 = 0f;
        float right0 = 0f, right12 = 0f, right3 = 0f;
        for (int place = 0; place < Tile.Examples; place++)
        {
            ArrayView<Float4> map = float4s.SubView(h1 + place * Tile.H1Float4s);
            ArrayView<Float4> rows = float4s.SubView(deltas + place * Tile.H2Float4s);
            Float4 deltas0 = rows[0];
            Float4 deltas1 = rows[1];
            Float8 under = TileH1.Load(map, 0);
            row2.Add(under, deltas0);
            row0.Add(under, deltas1);
            Float4 deltas2 = rows[2];
            under = TileH1.Load(map, 2);
            row4.Add(under, deltas0);
            row2.Add(under, deltas1);
            row0.Add(under, deltas2);
            Float4 deltas3 = rows[3];
            under = TileH1.Load(map, 4);
            row4.Add(under, deltas1);
            row2.Add(under, deltas2);
            row0.Add(under, deltas3);
            under = TileH1.Load(map, 6);
            row4.Add(under, deltas2);
            row2.Add(under, deltas3);
            above += deltas0.Sum;
            below += deltas3.Sum;
            left0 += deltas0.C0;
            left12 += deltas1.C0 + deltas2.C0;
            left3 += deltas3.C0;
            right0 += deltas0.C3;
            right12 += deltas1.C3 + deltas2.C3;
            right3 += deltas3.C3;
        }

        row0 = row0.WithEdges(left12 + left3, right12 + right3).WithBorder(above);
        row2 = row2.WithEdges(left0 + left12 + left3, right0 + right12 + right3);
        row4 = row4.WithEdges(left0 + left12, right0 + right12).WithBorder(below);
        int tap = Shape1989.H2Sources * 4;
        Taps5 before0 = default;
        Taps5 before2 = default;
        Taps5 before4 = default;
        if (!isFirst)
        {
            before0 = Taps5.Load(taps, 0, tap);
            before2 = Taps5.Load(taps, 10 * tap, tap);
            before4 = Taps5.Load(taps, 20 * tap, tap);
        }

        before0.Plus(row0).Store(taps, 0, tap);
        before2.Plus(row2).Store(taps, 10 * tap, tap);
        before4.Plus(row4).Store(taps, 20 * tap, tap);
    }

    /// <summary>
    /// Adds to the share what all examples have for rows 1 and 3 of a kernel. Row 2y + 1 of H1 lies under row 3 at row y of H2
    /// and under 1 at the next; row 1 lies on the border once.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddOddRows(
        ArrayView<Float4> float4s, int h1, int deltas, ArrayView<float> taps, bool isFirst)
    {
        Taps5 row1 = default;
        Taps5 row3 = default;
        float above = 0f;
        float left0 = 0f, left123 = 0f;
        float right0 = 0f, right123 = 0f;
        for (int place = 0; place < Tile.Examples; place++)
        {
            ArrayView<Float4> map = float4s.SubView(h1 + place * Tile.H1Float4s);
            ArrayView<Float4> rows = float4s.SubView(deltas + place * Tile.H2Float4s);
            Float4 deltas0 = rows[0];
            Float4 deltas1 = rows[1];
            Float8 under = TileH1.Load(map, 1);
            row3.Add(under, deltas0);
            row1.Add(under, deltas1);
            Float4 deltas2 = rows[2];
            under = TileH1.Load(map, 3);
            row3.Add(under, deltas1);
            row1.Add(under, deltas2);
            Float4 deltas3 = rows[3];
            under = TileH1.Load(map, 5);
            row3.Add(under, deltas2);
            row1.Add(under, deltas3);
            under = TileH1.Load(map, 7);
            row3.Add(under, deltas3);
            above += deltas0.Sum;
            left0 += deltas0.C0;
            left123 += deltas1.C0 + deltas2.C0 + deltas3.C0;
            right0 += deltas0.C3;
            right123 += deltas1.C3 + deltas2.C3 + deltas3.C3;
        }

        row1 = row1.WithEdges(left123, right123).WithBorder(above);
        row3 = row3.WithEdges(left0 + left123, right0 + right123);
        int tap = Shape1989.H2Sources * 4;
        Taps5 before1 = default;
        Taps5 before3 = default;
        if (!isFirst)
        {
            before1 = Taps5.Load(taps, 5 * tap, tap);
            before3 = Taps5.Load(taps, 15 * tap, tap);
        }

        before1.Plus(row1).Store(taps, 5 * tap, tap);
        before3.Plus(row3).Store(taps, 15 * tap, tap);
    }

    /// <summary>
    /// What a row of H1 collects through a kernel row. Tap t of unit c lies over column 2c - 2 + t: even columns under taps 0, 2
    /// and 4, odd ones under 1 and 3.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(ref Float8 sums, Float4 deltas, Taps5 taps)
    {
        sums.C0 = taps.T2 * deltas.C0 + (taps.T0 * deltas.C1 + sums.C0);
        sums.C1 = taps.T3 * deltas.C0 + (taps.T1 * deltas.C1 + sums.C1);
        sums.C2 = taps.T4 * deltas.C0 + (taps.T2 * deltas.C1 + (taps.T0 * deltas.C2 + sums.C2));
        sums.C3 = taps.T3 * deltas.C1 + (taps.T1 * deltas.C2 + sums.C3);
        sums.C4 = taps.T4 * deltas.C1 + (taps.T2 * deltas.C2 + (taps.T0 * deltas.C3 + sums.C4));
        sums.C5 = taps.T3 * deltas.C2 + (taps.T1 * deltas.C3 + sums.C5);
        sums.C6 = taps.T4 * deltas.C2 + (taps.T2 * deltas.C3 + sums.C6);
        sums.C7 = taps.T3 * deltas.C3 + sums.C7;
    }
}
