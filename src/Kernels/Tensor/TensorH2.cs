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
    // What a float is off the tap of its cell's row: every other column is a cell, and the odd ones lie behind the even.
    private const int Tap1 = TensorTile.OddColumn;
    private const int Tap2 = TensorTile.Cell;
    private const int Tap4 = 2 * TensorTile.Cell;

    /// <summary>
    /// The weighted sums, without biases. A product's rows are a row of H2 of four examples, so that what is read of a row of H1 serves
    /// each row of H2 above it, and none reads both units and border. A warp: two rows of four examples. The first group of a quarter
    /// takes what its product has, and then the second group, to which another quarter has come first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardSums(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
    {
        int place = FirstExample(lane);
        bool isTop = lane.Warp < TensorKernels.Warps / 2;
        ProductSums sums00, sums01, sums10, sums11, sums20, sums21;
        if (isTop)
        {
            Sums(lane, batch, float4s, 0, place, true, out sums00, out sums01);
            Sums(lane, batch, float4s, 1, place, true, out sums10, out sums11);
            Sums(lane, batch, float4s, 2, place, true, out sums20, out sums21);
        }
        else
        {
            Sums(lane, batch, float4s, 0, place, false, out sums00, out sums01);
            Sums(lane, batch, float4s, 1, place, false, out sums10, out sums11);
            Sums(lane, batch, float4s, 2, place, false, out sums20, out sums21);
        }

        ArrayView<Float2> units = float4s.Cast<Float2>().SubView(
            TensorTile.H2Cell(0, place, isTop ? 0 : 2, lane.UnitColumn) / 2 + (lane.Column & 1));
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
    /// are units of a row of H2 of two examples, so that what is read of a row of H1 serves each row of H2 above it. A warp: columns 0 to
    /// 3 of a quarter's kernels; the last warp column 4 of all quarters. All take all examples: nothing is left to add up.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(Lane lane, ArrayView<Float4> float4s, GradientShare share)
    {
        if (lane.Warp < TensorTile.Quarters)
        {
            BackwardColumns(lane, lane.Warp, float4s, share);
        }
        else
        {
            BackwardLastColumn(lane, float4s, share);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardColumns(Lane lane, int quarter, ArrayView<Float4> float4s, GradientShare share)
    {
        ArrayView<float> memory = float4s.Cast<float>();
        int deltas = DeltasOf(lane, quarter);
        int h1 = H1Of(lane, quarter) + (lane.Row < 4 ? 0 : Tap2);

        // Asked for now, so that it is there by the time the sums are.
        GradientShare weights = share.From(TensorShares.H2w + quarter * TensorShares.H2Products * 32 + lane.Index);
        Float4 before0 = weights.Before(0);
        Float4 before1 = weights.Before(32);
        Float4 before2 = weights.Before(2 * 32);
        Float4 before3 = weights.Before(3 * 32);
        Float4 before4 = weights.Before(4 * 32);
        ProductSums sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        for (int place = 0; place < Tile.Examples; place += 2)
        {
            ArrayView<float> units = memory.SubView(h1 + place * TensorTile.H1Example);
            ArrayView<float> right = memory.SubView(deltas + place * TensorTile.H2Example);
            RightOperand row0 = Deltas(right, 0), row1 = Deltas(right, 1), row2 = Deltas(right, 2), row3 = Deltas(right, 3);
            LeftOperand border = LeftOperand.Border;
            Products.Add(ref sums0, border, row0, ref sums1, border, row0, ref sums4, border, row3);

            // Row y of H1 lies under row r of H2 for row y + 2 - 2r of the kernel.
            LeftOperand even = Columns(units, 0), odd = Columns(units, 1);
            Products.Add(ref sums2, even, row0, ref sums0, even, row1, ref sums3, odd, row0, ref sums1, odd, row1);
            even = Columns(units, 2);
            odd = Columns(units, 3);
            Products.Add(
                ref sums4, even, row0, ref sums2, even, row1, ref sums0, even, row2, ref sums3, odd, row1, ref sums1, odd, row2);
            even = Columns(units, 4);
            odd = Columns(units, 5);
            Products.Add(
                ref sums4, even, row1, ref sums2, even, row2, ref sums0, even, row3, ref sums3, odd, row2, ref sums1, odd, row3);
            even = Columns(units, 6);
            odd = Columns(units, 7);
            Products.Add(ref sums4, even, row2, ref sums2, even, row3, ref sums3, odd, row3);
        }

        weights.Leave(0, before0.Plus(sums0.Values));
        weights.Leave(32, before1.Plus(sums1.Values));
        weights.Leave(2 * 32, before2.Plus(sums2.Values));
        weights.Leave(3 * 32, before3.Plus(sums3.Values));
        weights.Leave(4 * 32, before4.Plus(sums4.Values));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardLastColumn(Lane lane, ArrayView<Float4> float4s, GradientShare share)
    {
        ArrayView<float> memory = float4s.Cast<float>();
        ProductSums sums0 = default, last0 = default, sums1 = default, last1 = default, sums2 = default, last2 = default;
        for (int place = 0; place < Tile.Examples; place += 2)
        {
            ArrayView<float> units = memory.SubView(place * TensorTile.H1Example + Tap4);
            ArrayView<float> deltas = memory.SubView(place * TensorTile.H2Example);
            LastColumn(lane, units.SubView(H1Of(lane, 0)), deltas.SubView(DeltasOf(lane, 0)), ref sums0, ref last0);
            LastColumn(lane, units.SubView(H1Of(lane, 1)), deltas.SubView(DeltasOf(lane, 1)), ref sums1, ref last1);
            LastColumn(lane, units.SubView(H1Of(lane, 2)), deltas.SubView(DeltasOf(lane, 2)), ref sums2, ref last2);
        }

        Leave(lane, 0, share, sums0, last0);
        Leave(lane, 1, share, sums1, last1);
        Leave(lane, 2, share, sums2, last2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(Lane lane, int quarter, GradientShare share, ProductSums sums, ProductSums lastSums)
    {
        GradientShare weights = share.From(
            TensorShares.H2w + (quarter * TensorShares.H2Products + Shape1989.KernelSize) * 32 + lane.Index);
        Float4 before = weights.Before(0);
        Float4 last = weights.Before(32);
        weights.Leave(0, before.Plus(sums.Values));
        weights.Leave(32, last.Plus(lastSums.Values));
    }

    /// <summary>
    /// Four rows of H1 under column 4 of the kernel are its rows 0 to 3 for one row of H2; for the row of H2 above that, the third is
    /// row 4.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LastColumn(
        Lane lane, ArrayView<float> units, ArrayView<float> deltas, ref ProductSums sums, ref ProductSums last)
    {
        bool isFirst = lane.Row < 4;
        RightOperand row0 = Deltas(deltas, 0), row1 = Deltas(deltas, 1), row2 = Deltas(deltas, 2), row3 = Deltas(deltas, 3);
        Products.Add(ref sums, FirstRows(units, isFirst), row0, ref last, LeftOperand.Border, row3);
        ArrayView<float> rows = units.SubView(isFirst ? 0 : 2 * TensorTile.H1Row);
        LeftOperand left = Rows(rows, 0);
        Products.Add(ref sums, left, row1, ref last, left, row0);
        left = Rows(rows, 2);
        Products.Add(ref sums, left, row2, ref last, left, row1);
        left = Rows(rows, 4);
        Products.Add(ref sums, left, row3, ref last, left, row2);
    }

    /// <summary>A row of H1 under columns 0 and 1, or 2 and 3, of the kernel, of two examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Columns(ArrayView<float> units, int row)
    {
        int first = row * TensorTile.H1Row;
        int next = first + TensorTile.H1Example;
        return LeftOperand.Of(units[first], units[first + Tap1], units[next], units[next + Tap1]);
    }

    /// <summary>Two rows of H1 under a column of the kernel, of two examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Rows(ArrayView<float> units, int row)
    {
        int first = row * TensorTile.H1Row;
        int next = first + TensorTile.H1Example;
        return LeftOperand.Of(units[first], units[first + TensorTile.H1Row], units[next], units[next + TensorTile.H1Row]);
    }

    /// <summary>Two rows of the border and the first two of H1, under the first row of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand FirstRows(ArrayView<float> units, bool isBorder)
    {
        const int Next = TensorTile.H1Example;
        const float Border = Shape1989.PaddingValue;
        float row0 = units[0], row1 = units[TensorTile.H1Row], next0 = units[Next], next1 = units[Next + TensorTile.H1Row];
        return LeftOperand.Of(
            isBorder ? Border : row0, isBorder ? Border : row1, isBorder ? Border : next0, isBorder ? Border : next1);
    }

    /// <summary>Where a lane's map of a quarter of H1 has what lies under its column of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int H1Of(Lane lane, int quarter) =>
        TensorTile.H1 + quarter * TensorTile.H1Quarter + lane.Column * TensorTile.Cell + (lane.Row & 3);

    /// <summary>A row of two examples' deltas.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RightOperand Deltas(ArrayView<float> deltas, int row) => RightOperand.Of(
        deltas[row * TensorTile.H2Row], deltas[row * TensorTile.H2Row + TensorTile.H2Example]);

    /// <summary>Where the deltas of its column of H2 are, in a map of the one group that reads the quarter or of the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DeltasOf(Lane lane, int quarter) =>
        TensorTile.H2Cell(
            lane.Row < 4 ? TensorTile.FirstGroup(quarter) : TensorTile.SecondGroup(quarter), 0, 0, lane.Column) + (lane.Row & 3);

    /// <summary>
    /// From H2's deltas to H1's, which overwrite H1. A row of a product is one of the four places of two by two units of H1 under a row of
    /// H2, of four examples; a column a map for one unit of a row of two; what is summed over are both groups' units at the place and
    /// around it. Three rows of H2 are around the upper row of two, under which lie kernel rows 4, 2 and 0, and two around the lower.
    /// What is read of a row of H2 serves all rows of H1 around it. A warp: two rows of H2 of four examples.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        if (lane.Warp < TensorKernels.Warps / 2)
        {
            BackwardRows<THidden>(lane, batch, float4s, true);
        }
        else
        {
            BackwardRows<THidden>(lane, batch, float4s, false);
        }
    }

    /// <summary>The same for the upper two rows of H2, or the lower two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BackwardRows<THidden>(Lane lane, FusedBatch batch, ArrayView<Float4> float4s, bool isTop)
        where THidden : struct, IActivation
    {
        ArrayView<float> memory = float4s.Cast<float>();
        int place = FirstExample(lane);
        int row = isTop ? 0 : 2;
        int around = TensorTile.H2Cell(0, place, 0, lane.UnitColumn - 1) + lane.Column;
        for (int quarter = 0; quarter < TensorTile.Quarters; quarter++)
        {
            ArrayView<Float2> weights = batch.Weights.Cast<Float2>()
                .SubView((TensorWeights.H2wBack + quarter * (TensorWeights.H2BackSteps * 16)) * 2 + lane.Index);
            ArrayView<float> first = memory.SubView(around + TensorTile.FirstGroup(quarter) * TensorTile.H2Group);
            ArrayView<float> second = memory.SubView(around + TensorTile.SecondGroup(quarter) * TensorTile.H2Group);
            ProductSums even0 = default, odd0 = default, even1 = default, odd1 = default;
            AddColumn(first, second, weights, 0, isTop, ref even0, ref odd0, ref even1, ref odd1);
            AddColumn(first, second, weights, 1, isTop, ref even0, ref odd0, ref even1, ref odd1);
            AddColumn(first, second, weights, 2, isTop, ref even0, ref odd0, ref even1, ref odd1);
            StoreDeltas<THidden>(float4s, lane, quarter, place, row * 2, even0);
            StoreDeltas<THidden>(float4s, lane, quarter, place, row * 2 + 1, odd0);
            StoreDeltas<THidden>(float4s, lane, quarter, place, row * 2 + 2, even1);
            StoreDeltas<THidden>(float4s, lane, quarter, place, row * 2 + 3, odd1);
        }
    }

    /// <summary>What a column of H2, the one before a place, its own or the next, adds to both rows' units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddColumn(
        ArrayView<float> first, ArrayView<float> second, ArrayView<Float2> weights, int column, bool isTop,
        ref ProductSums even0, ref ProductSums odd0, ref ProductSums even1, ref ProductSums odd1)
    {
        int cell = column * TensorTile.Cell + (isTop ? 0 : 2) * TensorTile.H2Row;
        RightOperand row4 = Taps(weights, column), row2 = Taps(weights, column + 3), row0 = Taps(weights, column + 6);
        RightOperand row3 = Taps(weights, column + 9), row1 = Taps(weights, column + 12);
        LeftOperand left = Around(first, second, cell);
        Products.Add(ref even0, left, row2, ref odd0, left, row3, ref even1, left, row4);
        left = Around(first, second, cell + TensorTile.H2Row);
        Products.Add(ref even0, left, row0, ref odd0, left, row1, ref even1, left, row2, ref odd1, left, row3);

        // The row below the two, or above them.
        if (isTop)
        {
            left = Around(first, second, cell + 2 * TensorTile.H2Row);
            Products.Add(ref even1, left, row0, ref odd1, left, row1);
        }
        else
        {
            Products.Add(ref even0, Around(first, second, cell - TensorTile.H2Row), row4);
        }
    }

    /// <summary>The first of a lane's two examples of a warp's four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int FirstExample(Lane lane) =>
        (lane.Warp & (TensorKernels.Warps / 2 - 1)) * ExamplesOfProduct + lane.UnitExample;

    // Examples whose units of a row of H2 are the rows of a product.
    private const int ExamplesOfProduct = 4;

    /// <summary>
    /// What a quarter of H1 adds to the sums of two rows: a step of a product is two taps of four maps. Of the seven rows of H1 under
    /// them, the first two or the last are the border.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sums(
        Lane lane, FusedBatch batch, ArrayView<Float4> float4s, int quarter, int place, bool isTop, out ProductSums sums0,
        out ProductSums sums1)
    {
        ArrayView<Float2> taps = batch.Weights.Cast<Float2>()
            .SubView((TensorWeights.H2w + quarter * (TensorWeights.H2Steps * 16)) * 2 + lane.Index);
        ArrayView<float> h1 = float4s.Cast<float>().SubView(
            TensorTile.H1 + quarter * TensorTile.H1Quarter + place * TensorTile.H1Example
            + lane.UnitColumn * TensorTile.Cell + lane.Column);

        // Of each row two sums, for products that take turns.
        ProductSums other0 = default, other1 = default;
        sums0 = default;
        sums1 = default;
        LeftOperand border = LeftOperand.Border;
        int above = isTop ? -Shape1989.Padding : Shape1989.Padding;
        RightOperand row00 = Taps(taps, 0), row01 = Taps(taps, 1), row20 = Taps(taps, 5), row21 = Taps(taps, 6);
        Add(Row(h1, above + 2, 0), row20, row00, Row(h1, above + 2, 2), row21, row01, ref sums0, ref other0, ref sums1, ref other1);
        RightOperand row10 = Taps(taps, 2), row11 = Taps(taps, 3), row30 = Taps(taps, 7), row31 = Taps(taps, 8);
        Add(Row(h1, above + 3, 0), row30, row10, Row(h1, above + 3, 2), row31, row11, ref sums0, ref other0, ref sums1, ref other1);
        if (isTop)
        {
            Products.Add(ref sums0, border, row00, ref other0, border, row01);
            Products.Add(ref sums0, border, row10, ref other0, border, row11);
        }
        else
        {
            Products.Add(ref sums0, Row(h1, above + 0, 0), row00, ref other0, Row(h1, above + 0, 2), row01);
            Products.Add(ref sums0, Row(h1, above + 1, 0), row10, ref other0, Row(h1, above + 1, 2), row11);
        }

        Products.Add(ref sums1, Row(h1, above + 5, 0), row30, ref other1, Row(h1, above + 5, 2), row31);
        RightOperand row40 = Taps(taps, 10), row41 = Taps(taps, 11);
        Add(Row(h1, above + 4, 0), row40, row20, Row(h1, above + 4, 2), row41, row21, ref sums0, ref other0, ref sums1, ref other1);
        RightOperand column0 = Taps(taps, 4), column2 = Taps(taps, 9), column4 = Taps(taps, 12);
        LeftOperand left2 = Column(h1, above + 2), left4 = Column(h1, above + 4);
        Products.Add(ref sums0, left2, column2, ref sums1, left2, column0, ref other0, left4, column4, ref other1, left4, column2);
        if (isTop)
        {
            Products.Add(ref sums0, border, column0, ref sums1, Column(h1, above + 6), column4);
            Products.Add(ref sums1, Row(h1, above + 6, 0), row40, ref other1, Row(h1, above + 6, 2), row41);
        }
        else
        {
            Products.Add(ref sums0, Column(h1, above + 0), column0, ref sums1, border, column4);
            Products.Add(ref sums1, border, row40, ref other1, border, row41);
        }

        sums0 = sums0.Plus(other0);
        sums1 = sums1.Plus(other1);
    }

    /// <summary>Two steps of both rows of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        LeftOperand left, RightOperand right0, RightOperand right1, LeftOperand next, RightOperand nextRight0, RightOperand nextRight1,
        ref ProductSums sums0, ref ProductSums other0, ref ProductSums sums1, ref ProductSums other1) =>
        Products.Add(
            ref sums0, left, right0, ref sums1, left, right1, ref other0, next, nextRight0, ref other1, next, nextRight1);

    /// <summary>One of the rows of H1 under two taps beside each other, of two examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Row(ArrayView<float> h1, int row, int tap)
    {
        int first = row * TensorTile.H1Row + (tap >> 1) * Tap2;
        int next = first + TensorTile.H1Example;
        return LeftOperand.Of(h1[first], h1[next], h1[first + Tap1], h1[next + Tap1]);
    }

    /// <summary>One of them and the next under the last tap of a row, of two examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Column(ArrayView<float> h1, int row)
    {
        int first = row * TensorTile.H1Row + Tap4;
        int next = first + TensorTile.H1Example;
        return LeftOperand.Of(h1[first], h1[next], h1[first + TensorTile.H1Row], h1[next + TensorTile.H1Row]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RightOperand Taps(ArrayView<Float2> taps, int step)
    {
        Float2 values = taps[step * 32];
        return RightOperand.Of(values.C0, values.C1);
    }

    /// <summary>What both groups have at a place, of two examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Around(ArrayView<float> first, ArrayView<float> second, int cell)
    {
        const int Next = TensorTile.H2Example;
        return LeftOperand.Of(first[cell], first[cell + Next], second[cell], second[cell + Next]);
    }

    /// <summary>
    /// Turns what units of two examples have collected from H2 into deltas: times the slopes of the units they replace.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDeltas<THidden>(
        ArrayView<Float4> float4s, Lane lane, int quarter, int place, int row, ProductSums sums)
        where THidden : struct, IActivation
    {
        const int Next = TensorTile.H1Example / 2;
        int cell = TensorTile.H1Cell(quarter, place, row, lane.UnitColumn, lane.Column >> 1);
        ArrayView<Float2> units = float4s.Cast<Float2>().SubView(cell / 2 + (lane.Column & 1));
        Float2 slopes = units[0].Derivatives<THidden>();
        units[0] = Float2.Of(sums.C0 * slopes.C0, sums.C1 * slopes.C1);
        slopes = units[Next].Derivatives<THidden>();
        units[Next] = Float2.Of(sums.C2 * slopes.C0, sums.C3 * slopes.C1);
    }

    /// <summary>Leaves two rows' sums in a group of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Float2> units, int group, ProductSums sums0, ProductSums sums1)
    {
        const int Next = TensorTile.H2Example / 2;
        const int Row = TensorTile.H2Row / 2;
        ArrayView<Float2> ofGroup = units.SubView(group * (TensorTile.H2Group / 2));
        ofGroup[0] = Float2.Of(sums0.C0, sums0.C1);
        ofGroup[Next] = Float2.Of(sums0.C2, sums0.C3);
        ofGroup[Row] = Float2.Of(sums1.C0, sums1.C1);
        ofGroup[Row + Next] = Float2.Of(sums1.C2, sums1.C3);
    }

    /// <summary>Adds two rows' sums to what there is in a group of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ArrayView<Float2> units, int group, ProductSums sums0, ProductSums sums1)
    {
        const int Next = TensorTile.H2Example / 2;
        const int Row = TensorTile.H2Row / 2;
        ArrayView<Float2> ofGroup = units.SubView(group * (TensorTile.H2Group / 2));
        Float2 one0 = ofGroup[0], next0 = ofGroup[Next], one1 = ofGroup[Row], next1 = ofGroup[Row + Next];
        ofGroup[0] = Float2.Of(one0.C0 + sums0.C0, one0.C1 + sums0.C1);
        ofGroup[Next] = Float2.Of(next0.C0 + sums0.C2, next0.C1 + sums0.C3);
        ofGroup[Row] = Float2.Of(one1.C0 + sums1.C0, one1.C1 + sums1.C1);
        ofGroup[Row + Next] = Float2.Of(next1.C0 + sums1.C2, next1.C1 + sums1.C3);
    }
}
