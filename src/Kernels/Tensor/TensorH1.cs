using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// H1 of a tile by products of matrices. A row of the left matrix is a pair of neighbouring units of a row, and reads seven columns of
/// each of five rows of the image; a column of the right one is a map for one unit of the pair. The readable twin is
/// <see cref="H1Kernels"/>.
/// </summary>
internal static class TensorH1
{
    private const int RowsOfProduct = 4;

    // From a row of the sums to the one eight further: two pairs of units.
    private const int Further = 2;

    /// <summary>H1 = activation(bias + weights * image). A warp: four rows of H1 of an example, all maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(Lane lane, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        const int Tasks = Tile.Examples * Shape1989.H1Size / RowsOfProduct;
        ArrayView<Float2> weights = batch.Weights.Cast<Float2>().SubView(TensorWeights.H1w * 2 + lane.Index);
        for (int task = lane.Warp; task < Tasks; task += TensorKernels.Warps)
        {
            int place = task >> 1;
            int half = task & 1;
            ArrayView<Float4> biases = batch.Weights.SubView(TensorWeights.H1b + half * TensorTile.Quarters * 32 + lane.Index);
            ProductSums sums0 = ProductSums.Of(biases[0]);
            ProductSums sums1 = ProductSums.Of(biases[32]);
            ProductSums sums2 = ProductSums.Of(biases[64]);
            int row = half * RowsOfProduct + (lane.Row & 3);
            int pair = lane.Row >> 2;
            int pixel = TensorTile.Pixel(place, row * 2, pair * 4 - Shape1989.Padding);
            ArrayView<Float2> image = float4s.Cast<Float2>().SubView(pixel / 2 + lane.Column);
            AddRow(image, weights, 0, ref sums0, ref sums1, ref sums2);
            AddRow(image, weights, 1, ref sums0, ref sums1, ref sums2);
            AddRow(image, weights, 2, ref sums0, ref sums1, ref sums2);
            AddRow(image, weights, 3, ref sums0, ref sums1, ref sums2);
            AddRow(image, weights, 4, ref sums0, ref sums1, ref sums2);
            Store<THidden>(lane, float4s, 0, place, row, pair, sums0);
            Store<THidden>(lane, float4s, 1, place, row, pair, sums1);
            Store<THidden>(lane, float4s, 2, place, row, pair, sums2);
        }
    }

    /// <summary>Writes the border beside H1's rows, where the last tile's sums have been. A thread: three cells.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBorder(int thread, ArrayView<Float4> float4s)
    {
        const int Cells = 2 * TensorTile.Quarters * Tile.Examples * Shape1989.H1Size;
        for (int cell = thread; cell < Cells; cell += TensorKernels.Threads)
        {
            int example = cell.Over(2 * Shape1989.H1Size);
            int row = (cell >> 1).Modulo(Shape1989.H1Size);
            int place = TensorTile.H1 + example * TensorTile.H1Example + row * TensorTile.H1Row + (cell & 1) * TensorTile.OddColumn;
            float4s[place / TensorTile.Cell] = Float4.Of(Shape1989.PaddingValue);
        }
    }

    /// <summary>The gradient of the biases. A thread: a unit of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases(int thread, ArrayView<Float4> float4s, GradientShare share)
    {
        for (int cell = thread; cell < Layout.H1Units / TensorTile.Cell; cell += TensorKernels.Threads)
        {
            int first = TensorTile.H1Cell(cell >> 6, 0, TensorShares.RowOf(cell), cell & 3, (cell >> 3) & 1);
            share.Add(
                TensorShares.H1b + cell,
                TileSums.Of(float4s, first / TensorTile.Cell, TensorTile.H1Example / TensorTile.Cell));
        }
    }

    /// <summary>
    /// The gradient of the weights. A warp: the pairs of units of a row and of the fourth below it at a time, and what they read of the
    /// image; what the warps have is added up in H1's memory, which is needed no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(int thread, Lane lane, ArrayView<Float4> float4s, GradientShare share)
    {
        const int Tasks = Tile.Examples * Shape1989.H1Size / 2;
        const int Below = 2 * RowsOfProduct * TensorTile.ImageRow;
        const int DeltasBelow = RowsOfProduct * TensorTile.H1Row;
        ArrayView<float> memory = float4s.Cast<float>();
        ProductSums sums00 = default, sums01 = default, sums02 = default;
        ProductSums sums10 = default, sums11 = default, sums12 = default;
        ProductSums sums20 = default, sums21 = default, sums22 = default;
        for (int task = lane.Warp; task < Tasks; task += TensorKernels.Warps)
        {
            int place = task >> 2;
            int pair = task & 3;
            ArrayView<float> image = memory.SubView(
                TensorTile.Pixel(place, lane.Column * 2, pair * 4 - Shape1989.Padding) + lane.Row);
            LeftOperand taps01 = LeftOperand.Of(
                image[0], image[TensorTile.ImageRow], image[Below], image[Below + TensorTile.ImageRow]);
            LeftOperand taps23 = LeftOperand.Of(
                image[2 * TensorTile.ImageRow], image[3 * TensorTile.ImageRow],
                image[Below + 2 * TensorTile.ImageRow], image[Below + 3 * TensorTile.ImageRow]);
            LeftOperand taps4 = LeftOperand.OfUpperRows(image[4 * TensorTile.ImageRow], image[Below + 4 * TensorTile.ImageRow]);
            ArrayView<float> deltas = memory.SubView(
                TensorTile.H1Cell(0, place, lane.Column, pair, lane.Row >> 2) + (lane.Row & 3));
            RightOperand right = RightOperand.Of(deltas[0], deltas[DeltasBelow]);
            Products.Add(ref sums00, taps01, right, ref sums10, taps23, right, ref sums20, taps4, right);
            right = RightOperand.Of(deltas[TensorTile.H1Quarter], deltas[TensorTile.H1Quarter + DeltasBelow]);
            Products.Add(ref sums01, taps01, right, ref sums11, taps23, right, ref sums21, taps4, right);
            right = RightOperand.Of(deltas[2 * TensorTile.H1Quarter], deltas[2 * TensorTile.H1Quarter + DeltasBelow]);
            Products.Add(ref sums02, taps01, right, ref sums12, taps23, right, ref sums22, taps4, right);
        }

        Group.Barrier();
        ArrayView<Float4> parts = float4s.SubView(
            TensorTile.H1 / TensorTile.Cell + lane.Warp * (ProductsOfWarp * ProductFloat4s) + lane.Index);
        parts[0] = sums00.Values;
        parts[ProductFloat4s] = sums01.Values;
        parts[2 * ProductFloat4s] = sums02.Values;
        parts[3 * ProductFloat4s] = sums10.Values;
        parts[4 * ProductFloat4s] = sums11.Values;
        parts[5 * ProductFloat4s] = sums12.Values;
        parts[6 * ProductFloat4s] = sums20.Values;
        parts[7 * ProductFloat4s] = sums21.Values;
        parts[8 * ProductFloat4s] = sums22.Values;
        Group.Barrier();
        ArrayView<float> weights = share.ValuesFrom(TensorShares.H1w, 0);
        for (int weight = thread; weight < Shape1989.KernelTaps * Shape1989.H1Maps; weight += TensorKernels.Threads)
        {
            float before = share.IsFirst ? 0f : weights[weight];
            int map = weight.Modulo(Shape1989.H1Maps);
            int tap = weight.Over(Shape1989.H1Maps);
            weights[weight] = before + (Sum(memory, map, tap, 0) + Sum(memory, map, tap, 1));
        }
    }

    // Products of a warp: three of two rows of taps times the quarters.
    private const int ProductsOfWarp = 3 * TensorTile.Quarters;

    // Lanes of a product, and two float4s for the banks.
    private const int ProductFloat4s = 32 + 2;

    /// <summary>What the warps have of a weight for one unit of the pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(ArrayView<float> memory, int map, int tap, int odd)
    {
        int tapRow = tap.Over(Shape1989.KernelSize);
        int column = tap.Modulo(Shape1989.KernelSize) + 2 * odd;
        int ofPair = odd * 4 + (map & 3);
        int product = (tapRow >> 1) * TensorTile.Quarters + (map >> 2);
        int lane = column * 4 + (ofPair >> 1);
        ArrayView<float> parts = memory.SubView(
            TensorTile.H1 + (product * ProductFloat4s + lane) * 4 + (tapRow & 1) * 2 + (ofPair & 1));
        const int OfWarp = ProductsOfWarp * ProductFloat4s * 4;
        return parts[0] + parts[OfWarp] + (parts[2 * OfWarp] + parts[3 * OfWarp]);
    }

    /// <summary>A step of the products of all quarters: a row of taps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(
        ArrayView<Float2> image, ArrayView<Float2> weights, int tapRow, ref ProductSums sums0, ref ProductSums sums1,
        ref ProductSums sums2)
    {
        const int Row = TensorTile.ImageRow / 2;
        Float2 upper = image[tapRow * Row];
        Float2 lower = image[tapRow * Row + Further * 2];
        LeftOperand left = LeftOperand.Of(upper.C0, lower.C0, upper.C1, lower.C1);
        Float2 taps0 = weights[tapRow * TensorTile.Quarters * 32];
        Float2 taps1 = weights[(tapRow * TensorTile.Quarters + 1) * 32];
        Float2 taps2 = weights[(tapRow * TensorTile.Quarters + 2) * 32];
        Products.Add(
            ref sums0, left, RightOperand.Of(taps0.C0, taps0.C1),
            ref sums1, left, RightOperand.Of(taps1.C0, taps1.C1),
            ref sums2, left, RightOperand.Of(taps2.C0, taps2.C1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<THidden>(
        Lane lane, ArrayView<Float4> float4s, int quarter, int place, int row, int pair, ProductSums sums)
        where THidden : struct, IActivation
    {
        int cell = TensorTile.H1Cell(quarter, place, row, pair, lane.Column >> 1);
        ArrayView<Float2> units = float4s.Cast<Float2>().SubView(cell / 2 + (lane.Column & 1));
        units[0] = Float2.Of(THidden.Apply(sums.C0), THidden.Apply(sums.C1));
        units[Further * TensorTile.Cell / 2] = Float2.Of(THidden.Apply(sums.C2), THidden.Apply(sums.C3));
    }
}
