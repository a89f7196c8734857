using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// H3 of a tile by products of matrices, of which a tile's eight examples are the columns on the way forward and back, and what is
/// summed over in the gradient. The readable twins are <see cref="H3Kernels"/> and <see cref="DenseWeightKernels"/>.
/// </summary>
internal static class TensorH3
{
    /// <summary>
    /// The weighted sums, in parts. A warp: sixteen units, half of H2, two units of four maps at a time.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardParts(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
    {
        ArrayView<float> memory = float4s.Cast<float>();
        int half = lane.Warp & 1;
        int part = lane.Warp >> 1;
        ArrayView<Float4> weights = batch.Weights.SubView(
            TensorWeights.H3w + (half * TensorWeights.H3Steps + part * StepsOfPart) * 32 + lane.Index);
        ProductSums sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        AddRows(weights, memory.SubView(Cell(part, 0, lane.Row, 0) + lane.Column), ref sums0, ref sums1, ref sums2, ref sums3);
        AddRows(
            weights.SubView(4 * 32), memory.SubView(Cell(part, 2, lane.Row, 0) + lane.Column),
            ref sums0, ref sums1, ref sums2, ref sums3);
        AddRows(
            weights.SubView(8 * 32), memory.SubView(Cell(part, 4, lane.Row, 0) + lane.Column),
            ref sums0, ref sums1, ref sums2, ref sums3);

        ProductSums sums = sums0.Plus(sums1).Plus(sums2.Plus(sums3));
        int unit = half * UnitsOfProduct + lane.Row;
        StorePart(memory, part, 2 * lane.Column, unit, sums.C0);
        StorePart(memory, part, 2 * lane.Column + 1, unit, sums.C1);
        StorePart(memory, part, 2 * lane.Column, unit + 8, sums.C2);
        StorePart(memory, part, 2 * lane.Column + 1, unit + 8, sums.C3);
    }

    /// <summary>H3 = activation(bias + the parts). A thread: four units of an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(int thread, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        int blocks = Tile.H3Blocks;
        for (int task = thread; task < blocks * Tile.Examples; task += TensorKernels.Threads)
        {
            int block = task.Modulo(blocks);
            int place = task.Over(blocks);
            Float4 sums = batch.Weights[FusedLayout.H3b + block];
            for (int part = 0; part < TensorTile.H3Parts; part++)
            {
                sums = sums.Plus(float4s[TensorTile.H3Part(part, place, block)]);
            }

            float4s[Tile.H3Place(place, block)] = sums.Applied<THidden>();
        }
    }

    /// <summary>The gradient of the weights. A warp: sixteen units times half of H2, eight units of it at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(Lane lane, ArrayView<Float4> float4s, GradientShare share)
    {
        ArrayView<float> memory = float4s.Cast<float>();
        int half = lane.Warp & 1;
        int part = lane.Warp >> 1;
        int unit = half * UnitsOfProduct + lane.Row;
        LeftOperand deltas = LeftOperand.Of(
            memory[Unit(lane.Column, unit)], memory[Unit(lane.Column, unit + 8)],
            memory[Unit(lane.Column + 4, unit)], memory[Unit(lane.Column + 4, unit + 8)]);
        GradientShare weights = share.From(
            TensorShares.H3w + (half * TensorShares.H3Products + part * StepsOfPart) * 32 + lane.Index);
        for (int rows = 0; rows < RowsOfPart; rows += 2)
        {
            // What there is of all is asked for before one is written.
            GradientShare ofRows = weights.From(rows * 2 * 32);
            Float4 before0 = ofRows.Before(0);
            Float4 before1 = ofRows.Before(32);
            Float4 before2 = ofRows.Before(2 * 32);
            Float4 before3 = ofRows.Before(3 * 32);
            ArrayView<float> cells = memory.SubView(Cell(part, rows, lane.Column, lane.Row >> 2) + (lane.Row & 3));
            ProductSums sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            Products.Add(
                ref sums0, deltas, Units(cells, 0), ref sums1, deltas, Units(cells, 2 * TensorTile.Cell),
                ref sums2, deltas, Units(cells, TensorTile.H2Row),
                ref sums3, deltas, Units(cells, TensorTile.H2Row + 2 * TensorTile.Cell));
            ofRows.Leave(0, before0.Plus(sums0.Values));
            ofRows.Leave(32, before1.Plus(sums1.Values));
            ofRows.Leave(2 * 32, before2.Plus(sums2.Values));
            ofRows.Leave(3 * 32, before3.Plus(sums3.Values));
        }
    }

    /// <summary>
    /// From H3's deltas to H2's, over H2, without what dropout says. A warp: three rows of groups of H2, each the sixteen rows of a
    /// product.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        ArrayView<float> memory = float4s.Cast<float>();
        RightOperand deltas0 = Deltas(memory, lane, 0);
        RightOperand deltas1 = Deltas(memory, lane, 1);
        RightOperand deltas2 = Deltas(memory, lane, 2);
        RightOperand deltas3 = Deltas(memory, lane, 3);
        Perturbation perturbation = batch.Perturbation;
        float original = perturbation.Drops ? 1f / perturbation.KeptScale : 1f;
        ProductSums sums0 = Deltas(lane, batch, lane.Warp, deltas0, deltas1, deltas2, deltas3);
        ProductSums sums1 = Deltas(lane, batch, lane.Warp + TensorKernels.Warps, deltas0, deltas1, deltas2, deltas3);
        ProductSums sums2 = Deltas(lane, batch, lane.Warp + 2 * TensorKernels.Warps, deltas0, deltas1, deltas2, deltas3);
        StoreDeltas<THidden>(lane, memory, lane.Warp, original, sums0);
        StoreDeltas<THidden>(lane, memory, lane.Warp + TensorKernels.Warps, original, sums1);
        StoreDeltas<THidden>(lane, memory, lane.Warp + 2 * TensorKernels.Warps, original, sums2);
    }

    // Units of H3 that are the rows of a product.
    private const int UnitsOfProduct = 16;

    // Rows of four units of four maps that are half of H2: six of the twelve.
    private const int RowsOfPart = TensorTile.Quarters * Shape1989.H2Size / TensorTile.H3Parts;

    // Steps of a product over them, two units each; as many products of the gradient.
    private const int StepsOfPart = RowsOfPart * 2;

    /// <summary>Where a unit of a row of a part is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Cell(int part, int row, int place, int column)
    {
        int ofAll = part * RowsOfPart + row;
        return TensorTile.H2Cell(ofAll >> 2, place, ofAll & 3, column);
    }

    /// <summary>Where a unit of H3 is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Unit(int place, int unit) => Tile.H3Place(place, unit >> 2) * 4 + (unit & 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePart(ArrayView<float> memory, int part, int place, int unit, float sum) =>
        memory[TensorTile.H3Part(part, place, unit >> 2) * 4 + (unit & 3)] = sum;

    /// <summary>Four steps of a product: two rows of four units of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(
        ArrayView<Float4> weights, ArrayView<float> units,
        ref ProductSums sums0, ref ProductSums sums1, ref ProductSums sums2, ref ProductSums sums3) => Products.Add(
            ref sums0, Left(weights[0]), RightOperand.Of(units[0], units[TensorTile.Cell]),
            ref sums1, Left(weights[32]), RightOperand.Of(units[2 * TensorTile.Cell], units[3 * TensorTile.Cell]),
            ref sums2, Left(weights[2 * 32]),
            RightOperand.Of(units[TensorTile.H2Row], units[TensorTile.H2Row + TensorTile.Cell]),
            ref sums3, Left(weights[3 * 32]),
            RightOperand.Of(units[TensorTile.H2Row + 2 * TensorTile.Cell], units[TensorTile.H2Row + 3 * TensorTile.Cell]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RightOperand Deltas(ArrayView<float> memory, Lane lane, int step) => RightOperand.Of(
        memory[Unit(lane.Row, step * 8 + lane.Column)], memory[Unit(lane.Row, step * 8 + 4 + lane.Column)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static LeftOperand Left(Float4 values) => LeftOperand.Of(values.C0, values.C1, values.C2, values.C3);

    /// <summary>What a place's units of H2 are for the gradient: the examples are summed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RightOperand Units(ArrayView<float> units, int cell) =>
        RightOperand.Of(units[cell], units[cell + 4 * TensorTile.H2Example]);

    /// <summary>The sums of deltas of a row of a group of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ProductSums Deltas(
        Lane lane, FusedBatch batch, int row, RightOperand deltas0, RightOperand deltas1, RightOperand deltas2, RightOperand deltas3)
    {
        ArrayView<Float4> weights = batch.Weights.SubView(
            TensorWeights.H3wBack + row * TensorWeights.H3BackSteps * 32 + lane.Index);
        ProductSums sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        Products.Add(
            ref sums0, Left(weights[0]), deltas0, ref sums1, Left(weights[32]), deltas1,
            ref sums2, Left(weights[2 * 32]), deltas2, ref sums3, Left(weights[3 * 32]), deltas3);
        return sums0.Plus(sums1).Plus(sums2.Plus(sums3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDeltas<THidden>(Lane lane, ArrayView<float> memory, int row, float original, ProductSums sums)
        where THidden : struct, IActivation
    {
        ArrayView<float> units = memory.SubView(
            TensorTile.H2Cell(row >> 2, 2 * lane.Column, row & 3, lane.Row >> 2) + (lane.Row & 3));
        StoreDelta<THidden>(units, 0, original, sums.C0);
        StoreDelta<THidden>(units, TensorTile.H2Example, original, sums.C1);
        StoreDelta<THidden>(units, 2 * TensorTile.Cell, original, sums.C2);
        StoreDelta<THidden>(units, 2 * TensorTile.Cell + TensorTile.H2Example, original, sums.C3);
    }

    /// <summary>
    /// Times the slope of the unit that the delta replaces, which lies here as dropout has left it, 0 or enlarged; a delta of what it
    /// has dropped is made 0 afterwards.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDelta<THidden>(ArrayView<float> units, int unit, float original, float sum)
        where THidden : struct, IActivation => units[unit] = sum * THidden.Derivative(units[unit] * original);
}
