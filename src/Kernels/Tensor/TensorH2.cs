using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// H2 of a tile by products of matrices. Exactly two of its three groups read each quarter of H1, so that the quarter's product has
/// eight columns, none of them for nothing: the maps of the first group and of the second. The readable twin is
/// <see cref="H2Kernels"/>.
/// </summary>
internal static class TensorH2
{
    // From a row of a product to the one eight further: two rows of H2.
    private const int Further = 2;

    // What a float is off the tap of its cell's row: every other column is a cell, and the odd ones lie behind the even.
    private const int Tap1 = TensorTile.OddColumn;
    private const int Tap2 = TensorTile.Cell;
    private const int Tap3 = TensorTile.OddColumn + TensorTile.Cell;
    private const int Tap4 = 2 * TensorTile.Cell;

    /// <summary>
    /// The weighted sums, without biases. A warp: two examples. The first group of a quarter takes what its product has, and then the
    /// second group, to which another quarter has come first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardSums(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
    {
        int place = lane.Warp * TensorKernels.ExamplesOfWarp;
        Sums(lane, batch, float4s, 0, place, out ProductSums sums00, out ProductSums sums01);
        Sums(lane, batch, float4s, 1, place, out ProductSums sums10, out ProductSums sums11);
        Sums(lane, batch, float4s, 2, place, out ProductSums sums20, out ProductSums sums21);
        ArrayView<Float2> units = float4s.Cast<Float2>().SubView(
            TensorTile.H2Cell(0, place, lane.Row >> 2, lane.Row & 3) / 2 + (lane.Column & 1));
        bool isFirst = lane.Column < 2;
        if (isFirst)
        {
            Store(units, TensorTile.FirstGroup(0), sums00, sums01);
            Store(units, TensorTile.FirstGroup(1), sums10, sums11);
            Store(units, TensorTile.FirstGroup(2), sums20, sums21);
        }

        Group.Barrier();
        if (!isFirst)
        {
            Add(units, TensorTile.SecondGroup(0), sums00, sums01);
            Add(units, TensorTile.SecondGroup(1), sums10, sums11);
            Add(units, TensorTile.SecondGroup(2), sums20, sums21);
        }
    }

    /// <summary>From the sums to units, and the zeros beside them. A thread: two units of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(int thread, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        const int Cells = TensorTile.Quarters * Shape1989.H2MapUnits;
        for (int task = thread; task < Cells * Tile.Examples; task += TensorKernels.Threads)
        {
            int place = task.Over(Cells);

            // Rows 0, 2, 1, 3: neighbours in different banks.
            int unit = task.Modulo(Cells);
            int row = ((unit >> 1) & 2) + ((unit >> 3) & 1);
            int cell = TensorTile.H2Cell(unit >> 4, place, row, unit & 3) / TensorTile.Cell;
            unit = (unit & ~12) + row * Shape1989.H2Size;
            float4s[cell] = float4s[cell].Plus(batch.Weights[TensorWeights.H2b + unit]).Applied<THidden>();
        }

        const int Zeros = TensorTile.Quarters * TensorTile.H2Zeros;
        for (int task = thread; task < Zeros; task += TensorKernels.Threads)
        {
            int group = task.Over(TensorTile.H2Zeros);
            float4s[TensorTile.H2Zero(group, task.Modulo(TensorTile.H2Zeros)) / TensorTile.Cell] = default;
        }
    }

    /// <summary>Multiplies units or their deltas with what dropout says. A thread: a row of a map of an example.</summary>
    /// <param name="thread">The thread's number in its group.</param>
    /// <param name="batch">The step's perturbation.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="float4s">The tile's memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Drop(int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
    {
        const int Rows = Shape1989.H2Maps * Shape1989.H2Size;
        Perturbation perturbation = batch.Perturbation;
        for (int task = thread; task < Rows * Tile.Examples; task += TensorKernels.Threads)
        {
            int place = task.Over(Rows);
            int row = task.Modulo(Rows);
            int map = row >> 2;
            Float4 factors = Float4.KeepFactors(perturbation, batch.First + start + place, row);
            ArrayView<float> units = float4s.Cast<float>().SubView(TensorTile.H2Cell(map >> 2, place, row & 3, 0) + (map & 3));
            Float4.Load(units, 0, TensorTile.Cell).Times(factors).Store(units, 0, TensorTile.Cell);
        }
    }

    /// <summary>The gradient of the biases. A thread: a unit of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases(int thread, ArrayView<Float4> float4s, GradientShare share)
    {
        for (int unit = thread; unit < TensorTile.Quarters * Shape1989.H2MapUnits; unit += TensorKernels.Threads)
        {
            int first = TensorTile.H2Cell(unit >> 4, 0, (unit >> 2) & 3, unit & 3);
            share.Add(
                TensorShares.H2b + unit,
                TileSums.Of(float4s, first / TensorTile.Cell, TensorTile.H2Example / TensorTile.Cell));
        }
    }

    /// <summary>
    /// The gradient of the weights: a row of a product is a tap of a map of H1, see <see cref="TensorShares.TapOf"/>; what is summed over
    /// are units of H2. A warp: five products of four taps of rows 0 to 3 of a quarter; the last warp those of row 4 of all quarters.
    /// All take all examples: nothing is left to add up.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(Lane lane, ArrayView<Float4> float4s, GradientShare share)
    {
        if (lane.Warp < TensorTile.Quarters)
        {
            BackwardUpperRows(lane, lane.Warp, float4s, share);
        }
        else
        {
            BackwardLastRow(lane, float4s, share);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardUpperRows(Lane lane, int quarter, ArrayView<Float4> float4s, GradientShare share)
    {
        const int Odd = TensorTile.H1Row;
        ArrayView<float> memory = float4s.Cast<float>();
        bool isUpper = lane.Row < 4;
        int deltas = DeltasOf(lane, quarter);

        // Rows 0 and 2 of the kernel, or 1 and 3; what lies under the first row of H2 begins two rows above H1.
        int h1 = H1Of(lane, quarter) + (isUpper ? -2 * TensorTile.H1Row : 0);
        // Asked for now, so that it is there by the time the sums are.
        GradientShare weights = share.From(TensorShares.H2w + quarter * TensorShares.H2Products * 32 + lane.Index);
        Float4 before0 = weights.Before(0);
        Float4 before1 = weights.Before(32);
        Float4 before2 = weights.Before(2 * 32);
        Float4 before3 = weights.Before(3 * 32);
        Float4 before4 = weights.Before(4 * 32);
        ProductSums sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        for (int place = 0; place < Tile.Examples; place++)
        {
            ArrayView<float> units = memory.SubView(h1 + place * TensorTile.H1Example);
            ArrayView<float> right = memory.SubView(deltas + place * TensorTile.H2Example);
            RightOperand upper = RightOperand.Of(right[0], right[TensorTile.H2Row]);
            Products.Add(
                ref sums0, UpperTaps(units, 0, Tap1, isUpper),
                ref sums1, UpperTaps(units, Tap2, Tap3, isUpper),
                ref sums2, UpperTaps(units, Tap4, Odd, isUpper),
                ref sums3, UpperTaps(units, Odd + Tap1, Odd + Tap2, isUpper),
                ref sums4, UpperTaps(units, Odd + Tap3, Odd + Tap4, isUpper), upper);
            RightOperand lower = RightOperand.Of(right[2 * TensorTile.H2Row], right[3 * TensorTile.H2Row]);
            Products.Add(
                ref sums0, LowerTaps(units, 0, Tap1),
                ref sums1, LowerTaps(units, Tap2, Tap3),
                ref sums2, LowerTaps(units, Tap4, Odd),
                ref sums3, LowerTaps(units, Odd + Tap1, Odd + Tap2),
                ref sums4, LowerTaps(units, Odd + Tap3, Odd + Tap4), lower);
        }

        weights.Leave(0, before0.Plus(sums0.Values));
        weights.Leave(32, before1.Plus(sums1.Values));
        weights.Leave(2 * 32, before2.Plus(sums2.Values));
        weights.Leave(3 * 32, before3.Plus(sums3.Values));
        weights.Leave(4 * 32, before4.Plus(sums4.Values));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardLastRow(Lane lane, ArrayView<Float4> float4s, GradientShare share)
    {
        ArrayView<float> memory = float4s.Cast<float>();

        // Taps 0 and 2, or 1 and 3; what lies under the first row of H2 begins two rows below the first of H1.
        int h1 = 2 * TensorTile.H1Row + (lane.Row < 4 ? 0 : Tap2);
        ProductSums sums00 = default, sums01 = default, other00 = default, other01 = default;
        ProductSums sums10 = default, sums11 = default, other10 = default, other11 = default;
        ProductSums sums20 = default, sums21 = default, other20 = default, other21 = default;
        for (int place = 0; place < Tile.Examples; place++)
        {
            ArrayView<float> units = memory.SubView(h1 + place * TensorTile.H1Example);
            ArrayView<float> deltas = memory.SubView(place * TensorTile.H2Example);
            LastTaps(units.SubView(H1Of(lane, 0)), deltas.SubView(DeltasOf(lane, 0)), ref sums00, ref sums01, ref other00, ref other01);
            LastTaps(units.SubView(H1Of(lane, 1)), deltas.SubView(DeltasOf(lane, 1)), ref sums10, ref sums11, ref other10, ref other11);
            LastTaps(units.SubView(H1Of(lane, 2)), deltas.SubView(DeltasOf(lane, 2)), ref sums20, ref sums21, ref other20, ref other21);
        }

        Leave(lane, 0, share, sums00.Plus(other00), sums01.Plus(other01));
        Leave(lane, 1, share, sums10.Plus(other10), sums11.Plus(other11));
        Leave(lane, 2, share, sums20.Plus(other20), sums21.Plus(other21));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(Lane lane, int quarter, GradientShare share, ProductSums sums, ProductSums lastSums)
    {
        GradientShare weights = share.From(TensorShares.H2w + (quarter * TensorShares.H2Products + 5) * 32 + lane.Index);
        Float4 before = weights.Before(0);
        Float4 last = weights.Before(32);
        weights.Leave(0, before.Plus(sums.Values));
        weights.Leave(32, last.Plus(lastSums.Values));
    }

    /// <summary>
    /// Row 4 of the kernel, four taps and the last, of which the other three are nobody's; under the last row of H2 lies the border.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LastTaps(
        ArrayView<float> units, ArrayView<float> deltas, ref ProductSums upperSums, ref ProductSums upperLast,
        ref ProductSums lowerSums, ref ProductSums lowerLast)
    {
        const int Row = 2 * TensorTile.H1Row;
        const float Border = Shape1989.PaddingValue;
        RightOperand upper = RightOperand.Of(deltas[0], deltas[TensorTile.H2Row]);
        RightOperand lower = RightOperand.Of(deltas[2 * TensorTile.H2Row], deltas[3 * TensorTile.H2Row]);
        Products.Add(
            ref upperSums, LeftOperand.Of(units[0], units[Tap1], units[Row], units[Row + Tap1]), upper,
            ref upperLast, LeftOperand.Of(units[Tap4], 0f, units[Row + Tap4], 0f), upper,
            ref lowerSums, LeftOperand.Of(units[2 * Row], units[2 * Row + Tap1], Border, Border), lower,
            ref lowerLast, LeftOperand.Of(units[2 * Row + Tap4], 0f, Border, 0f), lower);
    }

    /// <summary>Where a lane's map of a quarter of H1 has what lies under its column of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int H1Of(Lane lane, int quarter) =>
        TensorTile.H1 + quarter * TensorTile.H1Quarter + lane.Column * TensorTile.Cell + (lane.Row & 3);

    /// <summary>Where the deltas of its column of H2 are, in a map of the one group that reads the quarter or of the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DeltasOf(Lane lane, int quarter) =>
        TensorTile.H2Cell(
            lane.Row < 4 ? TensorTile.FirstGroup(quarter) : TensorTile.SecondGroup(quarter), 0, 0, lane.Column) + (lane.Row & 3);

    /// <summary>
    /// From H2's deltas to H1's, which overwrite H1. A row of a product is one of the sixteen places of two by two units of H1 (first
    /// those of rows 0 and 2, then of 1 and 3), a column a map for one
    /// unit of a row of two; what is summed over are both groups' units at the place and around it: nine for the upper row, under
    /// which lie kernel rows 0, 2 and 4, six for the lower. A warp: two examples.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        ArrayView<float> memory = float4s.Cast<float>();
        int place = lane.Warp * TensorKernels.ExamplesOfWarp;
        int row = (lane.Row >> 2) * 2;
        int around = TensorTile.H2Cell(0, 0, row - 1, (lane.Row & 3) - 1) + lane.Column;
        for (int quarter = 0; quarter < TensorTile.Quarters; quarter++)
        {
            ArrayView<Float2> weights = batch.Weights.Cast<Float2>()
                .SubView((TensorWeights.H2wBack + quarter * (TensorWeights.H2BackSteps * 16)) * 2 + lane.Index);
            ArrayView<float> one = memory.SubView(
                around + TensorTile.FirstGroup(quarter) * TensorTile.H2Group + place * TensorTile.H2Example);
            ArrayView<float> other = memory.SubView(
                around + TensorTile.SecondGroup(quarter) * TensorTile.H2Group + place * TensorTile.H2Example);
            ProductSums even0 = default, odd0 = default, even1 = default, odd1 = default;
            AddPlace(one, other, 0, weights[0], ref even0, ref even1);
            AddPlace(one, other, 1, weights[32], ref even0, ref even1);
            AddPlace(one, other, 2, weights[2 * 32], ref even0, ref even1);
            AddRow(one, other, weights, 1, ref even0, ref even1, ref odd0, ref odd1);
            AddRow(one, other, weights, 2, ref even0, ref even1, ref odd0, ref odd1);
            StoreDeltas<THidden>(float4s, lane, quarter, place, row * 2, even0);
            StoreDeltas<THidden>(float4s, lane, quarter, place, row * 2 + 1, odd0);
            StoreDeltas<THidden>(float4s, lane, quarter, place + 1, row * 2, even1);
            StoreDeltas<THidden>(float4s, lane, quarter, place + 1, row * 2 + 1, odd1);
        }
    }

    /// <summary>What a quarter of H1 adds to the sums of two examples: a step of a product is two taps of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums(
        Lane lane, FusedBatch batch, ArrayView<Float4> float4s, int quarter, int place, out ProductSums sums0, out ProductSums sums1)
    {
        ArrayView<Float2> weights = batch.Weights.Cast<Float2>()
            .SubView((TensorWeights.H2w + quarter * (TensorWeights.H2Steps * 16)) * 2 + lane.Index);
        ArrayView<float> h1 = float4s.Cast<float>().SubView(
            TensorTile.H1 + quarter * TensorTile.H1Quarter + place * TensorTile.H1Example
            + ((lane.Row >> 2) * 2 - Shape1989.Padding) * TensorTile.H1Row + (lane.Row & 3) * TensorTile.Cell + lane.Column);
        bool isTop = lane.Row < 4;

        // Of each example two sums, for products that take turns.
        ProductSums other0 = default, other1 = default;
        sums0 = default;
        sums1 = default;
        AddRow(h1, weights, 0, isTop, false, ref sums0, ref sums1, ref other0, ref other1);
        AddRow(h1, weights, 1, isTop, false, ref sums0, ref sums1, ref other0, ref other1);
        AddSteps(
            h1, Tap4, TensorTile.H1Row + Tap4, weights[4 * 32], isTop,
            2 * TensorTile.H1Row + Tap4, 3 * TensorTile.H1Row + Tap4, weights[9 * 32], false, false,
            ref sums0, ref sums1, ref other0, ref other1);
        AddRow(h1, weights, 2, false, false, ref sums0, ref sums1, ref other0, ref other1);
        AddRow(h1, weights, 3, false, false, ref sums0, ref sums1, ref other0, ref other1);
        AddRow(h1, weights, 4, false, !isTop, ref sums0, ref sums1, ref other0, ref other1);
        const int Last = 4 * TensorTile.H1Row + Tap4;
        RightOperand right = RightOperand.Of(weights[12 * 32].C0, 0f);
        Products.Add(
            ref sums0, Left(h1, Last, Last, false, !isTop), right,
            ref sums1, Left(h1, TensorTile.H1Example + Last, TensorTile.H1Example + Last, false, !isTop), right);
        sums0 = sums0.Plus(other0);
        sums1 = sums1.Plus(other1);
    }

    /// <summary>Taps 0 to 3 of a row of the kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(
        ArrayView<float> h1, ArrayView<Float2> weights, int tapRow, bool isTop, bool isBottom,
        ref ProductSums sums0, ref ProductSums sums1, ref ProductSums other0, ref ProductSums other1)
    {
        int row = tapRow * TensorTile.H1Row;
        int step = (tapRow >> 1) * 5 + (tapRow & 1) * 2;
        AddSteps(
            h1, row, row + Tap1, weights[step * 32], isTop, row + Tap2, row + Tap3, weights[(step + 1) * 32], isTop, isBottom,
            ref sums0, ref sums1, ref other0, ref other1);
    }

    /// <summary>Two steps of two examples' products: two taps of four maps each.</summary>
    /// <param name="h1">A map of H1 from the first unit under the lane's first unit of H2 on.</param>
    /// <param name="tap0">How far the first step's one unit is from there.</param>
    /// <param name="tap1">How far its other unit is.</param>
    /// <param name="taps">The lane's weights of the first step.</param>
    /// <param name="isTop">Whether in the first step the lane's first unit has the border above H1 under it.</param>
    /// <param name="tap2">How far the second step's one unit is.</param>
    /// <param name="tap3">How far its other unit is.</param>
    /// <param name="nextTaps">The lane's weights of the second step.</param>
    /// <param name="isNextTop">Whether the border above is under the lane's first unit in the second step.</param>
    /// <param name="isBottom">Whether the lane's second unit has the border below H1 under it.</param>
    /// <param name="sums0">The first example's sums.</param>
    /// <param name="sums1">The second example's.</param>
    /// <param name="other0">The first example's sums of second steps.</param>
    /// <param name="other1">The second example's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSteps(
        ArrayView<float> h1, int tap0, int tap1, Float2 taps, bool isTop, int tap2, int tap3, Float2 nextTaps, bool isNextTop,
        bool isBottom, ref ProductSums sums0, ref ProductSums sums1, ref ProductSums other0, ref ProductSums other1)
    {
        const int Next = TensorTile.H1Example;
        RightOperand right = RightOperand.Of(taps.C0, taps.C1);
        RightOperand next = RightOperand.Of(nextTaps.C0, nextTaps.C1);
        Products.Add(
            ref sums0, Left(h1, tap0, tap1, isTop, isBottom), right,
            ref sums1, Left(h1, Next + tap0, Next + tap1, isTop, isBottom), right,
            ref other0, Left(h1, tap2, tap3, isNextTop, isBottom), next,
            ref other1, Left(h1, Next + tap2, Next + tap3, isNextTop, isBottom), next);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Left(ArrayView<float> h1, int one, int other, bool isTop, bool isBottom)
    {
        const int Lower = 2 * Further * TensorTile.H1Row;
        float upperOne = h1[one];
        float upperOther = h1[other];
        float lowerOne = h1[Lower + one];
        float lowerOther = h1[Lower + other];
        upperOne = isTop ? Shape1989.PaddingValue : upperOne;
        upperOther = isTop ? Shape1989.PaddingValue : upperOther;
        lowerOne = isBottom ? Shape1989.PaddingValue : lowerOne;
        lowerOther = isBottom ? Shape1989.PaddingValue : lowerOther;
        return LeftOperand.Of(upperOne, lowerOne, upperOther, lowerOther);
    }

    /// <summary>A step of two examples' products: what both groups have at a place near the lane's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPlace(
        ArrayView<float> first, ArrayView<float> second, int beside, Float2 evenTaps,
        ref ProductSums even0, ref ProductSums even1)
    {
        int cell = beside * TensorTile.Cell;
        RightOperand right = RightOperand.Of(evenTaps.C0, evenTaps.C1);
        Products.Add(
            ref even0, Deltas(first, second, cell), right,
            ref even1, Deltas(first, second, cell + TensorTile.H2Example), right);
    }

    /// <summary>Three places of a row that are near both rows' units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(
        ArrayView<float> one, ArrayView<float> other, ArrayView<Float2> weights, int below,
        ref ProductSums even0, ref ProductSums even1, ref ProductSums odd0, ref ProductSums odd1)
    {
        ArrayView<Float2> taps = weights.SubView(below * 3 * 32);
        ArrayView<float> first = one.SubView(below * TensorTile.H2Row);
        ArrayView<float> second = other.SubView(below * TensorTile.H2Row);
        AddPlace(first, second, 0, taps[0], taps[6 * 32], ref even0, ref even1, ref odd0, ref odd1);
        AddPlace(first, second, 1, taps[32], taps[7 * 32], ref even0, ref even1, ref odd0, ref odd1);
        AddPlace(first, second, 2, taps[2 * 32], taps[8 * 32], ref even0, ref even1, ref odd0, ref odd1);
    }

    /// <summary>The same where the place is near an odd row's units too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddPlace(
        ArrayView<float> first, ArrayView<float> second, int beside, Float2 evenTaps, Float2 oddTaps,
        ref ProductSums even0, ref ProductSums even1, ref ProductSums odd0, ref ProductSums odd1)
    {
        int cell = beside * TensorTile.Cell;
        LeftOperand left0 = Deltas(first, second, cell);
        LeftOperand left1 = Deltas(first, second, cell + TensorTile.H2Example);
        RightOperand even = RightOperand.Of(evenTaps.C0, evenTaps.C1);
        RightOperand odd = RightOperand.Of(oddTaps.C0, oddTaps.C1);
        Products.Add(ref even0, left0, even, ref even1, left1, even, ref odd0, left0, odd, ref odd1, left1, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Deltas(ArrayView<float> first, ArrayView<float> second, int cell)
    {
        const int Row = TensorTile.H2Row;
        return LeftOperand.Of(first[cell], first[cell + Row], second[cell], second[cell + Row]);
    }

    /// <summary>
    /// What lies under rows 0 and 1 of H2 for four taps of rows 0 to 3: two rows apart for the product's rows 0 to 3 and 4 to 7. Under
    /// the first row lies the border for the former.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand UpperTaps(ArrayView<float> units, int tap, int furtherTap, bool isUpper)
    {
        const int Row = 2 * TensorTile.H1Row;
        float first = units[tap];
        float further = units[furtherTap];
        first = isUpper ? Shape1989.PaddingValue : first;
        further = isUpper ? Shape1989.PaddingValue : further;
        return LeftOperand.Of(first, further, units[Row + tap], units[Row + furtherTap]);
    }

    /// <summary>The same for rows 2 and 3 of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand LowerTaps(ArrayView<float> units, int tap, int furtherTap)
    {
        const int Row = 2 * TensorTile.H1Row;
        return LeftOperand.Of(
            units[2 * Row + tap], units[2 * Row + furtherTap], units[3 * Row + tap], units[3 * Row + furtherTap]);
    }

    /// <summary>
    /// Turns what two by two units have collected from H2 into deltas: times the slopes of the units they replace.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDeltas<THidden>(
        ArrayView<Float4> float4s, Lane lane, int quarter, int place, int row, ProductSums sums)
        where THidden : struct, IActivation
    {
        int cell = TensorTile.H1Cell(quarter, place, row, lane.Row & 3, lane.Column >> 1);
        ArrayView<Float2> units = float4s.Cast<Float2>().SubView(cell / 2 + (lane.Column & 1));
        Float2 slopes = units[0].Derivatives<THidden>();
        units[0] = Float2.Of(sums.C0 * slopes.C0, sums.C1 * slopes.C1);
        slopes = units[TensorTile.H1Row].Derivatives<THidden>();
        units[TensorTile.H1Row] = Float2.Of(sums.C2 * slopes.C0, sums.C3 * slopes.C1);
    }

    /// <summary>Leaves two examples' sums in a group of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Float2> units, int group, ProductSums sums0, ProductSums sums1)
    {
        const int Lower = Further * TensorTile.H2Row / 2;
        const int Next = TensorTile.H2Example / 2;
        ArrayView<Float2> ofGroup = units.SubView(group * (TensorTile.H2Group / 2));
        ofGroup[0] = Float2.Of(sums0.C0, sums0.C1);
        ofGroup[Lower] = Float2.Of(sums0.C2, sums0.C3);
        ofGroup[Next] = Float2.Of(sums1.C0, sums1.C1);
        ofGroup[Next + Lower] = Float2.Of(sums1.C2, sums1.C3);
    }

    /// <summary>Adds two examples' sums to what there is in a group of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ArrayView<Float2> units, int group, ProductSums sums0, ProductSums sums1)
    {
        const int Lower = Further * TensorTile.H2Row / 2;
        const int Next = TensorTile.H2Example / 2;
        ArrayView<Float2> ofGroup = units.SubView(group * (TensorTile.H2Group / 2));
        Float2 upper0 = ofGroup[0], lower0 = ofGroup[Lower], upper1 = ofGroup[Next], lower1 = ofGroup[Next + Lower];
        ofGroup[0] = Float2.Of(upper0.C0 + sums0.C0, upper0.C1 + sums0.C1);
        ofGroup[Lower] = Float2.Of(lower0.C0 + sums0.C2, lower0.C1 + sums0.C3);
        ofGroup[Next] = Float2.Of(upper1.C0 + sums1.C0, upper1.C1 + sums1.C1);
        ofGroup[Next + Lower] = Float2.Of(lower1.C0 + sums1.C2, lower1.C1 + sums1.C3);
    }
}
