using System.Runtime.CompilerServices;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// H2: a 5x5 kernel over each of a map's sources among H1's padded maps, stride 2, one bias per unit.
/// (H1Maps, 8, 8) in, (H2Maps, 4, 4) out. The twin on the host is <c>Model/Simd/H2Layer</c>.
/// </summary>
internal static class H2Kernels
{
    /// <summary>Maps that one thread works on: those of a group, which read the same sources.</summary>
    public const int BlockMaps = H2Connections.GroupMaps;

    /// <summary>Threads an example that <see cref="Forward"/> takes: a row of the four maps of a group each.</summary>
    public static int ForwardTiles() => Shape1989.H2Maps / BlockMaps * Shape1989.H2Size;

    /// <summary>Threads an example that <see cref="BackwardInput"/> takes: two rows of a map of H1 each.</summary>
    public static int InputTiles() => Shape1989.H1Maps * (Shape1989.H1Size / 2);

    /// <summary>Groups a slice that <see cref="BackwardWeights"/> takes: a source's kernel row of four maps each.</summary>
    public static int WeightTiles() => Shape1989.H2Maps / BlockMaps * Shape1989.H2Sources * Shape1989.KernelSize;

    /// <summary>H2 = activation(bias + weights * H1), and what dropout keeps of it.</summary>
    /// <param name="index">X: the example; Y: group * 4 + row.</param>
    /// <param name="batch">H1's rows of the activations in, H2's out, and Kept.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="sources">The connection table: (groups, H2Sources) or, if the maps of a group differ, (H2Maps,
    /// H2Sources).</param>
    /// <param name="perturbation">What dropout drops.</param>
    public static void Forward<THidden, TTable>(
        Index2D index, Batch batch, ArrayView<float> parameters, ArrayView<int> sources, Perturbation perturbation)
        where THidden : struct, IActivation
        where TTable : struct, ISourceTable
    {
        int example = index.X;
        int row = index.Y % Shape1989.H2Size;
        int group = index.Y / Shape1989.H2Size;
        int map = group * BlockMaps;
        int mapWeights = Shape1989.H2Sources * Layout.KernelTaps;
        Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int source = 0; source < Shape1989.H2Sources; source++)
        {
            int entry = (TTable.IsGrouped ? group : map) * Shape1989.H2Sources + source;
            int h1Map = sources[entry];
            int weights = Layout.H2w + map * mapWeights + source * Layout.KernelTaps;
            for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
            {
                int h1Row = row * 2 + tapRow - 2;
                Float8 h1 = LoadH1Row<PaddingBorder>(batch, h1Map, h1Row, example);
                Add(ref sums0, Taps5.Load(parameters, weights), h1);
                LoadOwnH1Row<TTable, PaddingBorder>(batch, sources, entry + Shape1989.H2Sources, h1Row, example, ref h1);
                Add(ref sums1, Taps5.Load(parameters, weights + mapWeights), h1);
                LoadOwnH1Row<TTable, PaddingBorder>(batch, sources, entry + 2 * Shape1989.H2Sources, h1Row, example, ref h1);
                Add(ref sums2, Taps5.Load(parameters, weights + 2 * mapWeights), h1);
                LoadOwnH1Row<TTable, PaddingBorder>(batch, sources, entry + 3 * Shape1989.H2Sources, h1Row, example, ref h1);
                Add(ref sums3, Taps5.Load(parameters, weights + 3 * mapWeights), h1);
                weights += Shape1989.KernelSize;
            }
        }

        Finish<THidden>(batch, parameters, example, map, row, sums0, perturbation);
        Finish<THidden>(batch, parameters, example, map + 1, row, sums1, perturbation);
        Finish<THidden>(batch, parameters, example, map + 2, row, sums2, perturbation);
        Finish<THidden>(batch, parameters, example, map + 3, row, sums3, perturbation);
    }

    /// <summary>
    /// From H2's deltas to H1's: each unit of H1 collects from every map of H2 that reads its map. Of two neighbouring
    /// rows, the even one lies under kernel rows 0, 2 and 4 of three rows of H2, the odd one under 1 and 3 of two.
    /// </summary>
    /// <param name="index">X: the example; Y: map of H1 * 4 + pair of rows.</param>
    /// <param name="batch">H1's rows of the activations and H2's of the deltas in, H1's of the deltas out.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="readers">(H1Maps, readersOfMap): the kernels, as map of H2 * H2Sources + source, over each map.</param>
    /// <param name="readersOfMap">How many kernels a map has at most; unused entries are -1.</param>
    public static void BackwardInput<THidden>(
        Index2D index, Batch batch, ArrayView<float> parameters, ArrayView<int> readers, int readersOfMap)
        where THidden : struct, IActivation
    {
        int example = index.X;
        int rowPair = index.Y % (Shape1989.H1Size / 2);
        int h1Map = index.Y / (Shape1989.H1Size / 2);
        Float8 even = default;
        Float8 odd = default;
        for (int reader = 0; reader < readersOfMap; reader++)
        {
            int kernel = readers[h1Map * readersOfMap + reader];
            if (kernel < 0)
            {
                continue;
            }

            int weights = Layout.H2w + kernel * Layout.KernelTaps;
            int unit = Layout.H2Row + kernel / Shape1989.H2Sources * Layout.H2MapUnits;
            if (rowPair + 1 < Shape1989.H2Size)
            {
                Float4 below = LoadH2Row(batch, unit, rowPair + 1, example);
                AddGradient(ref even, Taps5.Load(parameters, weights), below);
                AddGradient(ref odd, Taps5.Load(parameters, weights + 5), below);
            }

            Float4 level = LoadH2Row(batch, unit, rowPair, example);
            AddGradient(ref even, Taps5.Load(parameters, weights + 10), level);
            AddGradient(ref odd, Taps5.Load(parameters, weights + 15), level);
            if (rowPair > 0)
            {
                Float4 above = LoadH2Row(batch, unit, rowPair - 1, example);
                AddGradient(ref even, Taps5.Load(parameters, weights + 20), above);
            }
        }

        int h1Unit = Layout.H1Row + h1Map * Layout.H1MapUnits + rowPair * 2 * Shape1989.H1Size;
        StoreDeltas<THidden>(batch, h1Unit * batch.Stride + example, even);
        StoreDeltas<THidden>(batch, (h1Unit + Shape1989.H1Size) * batch.Stride + example, odd);
    }

    /// <summary>
    /// From H2's deltas to the gradient of its weights: a delta times the unit of H1 under the tap, summed over the
    /// map's units and a slice's examples. The biases' is <see cref="BiasKernels"/>'s.
    /// Grid: (tile: (group * H2Sources + source) * 5 + kernel row, slice); a group's threads share a slice's examples.
    /// </summary>
    /// <param name="batch">H1's activations and H2's deltas in.</param>
    /// <param name="sources">The connection table: (groups, H2Sources) or, if the maps of a group differ, (H2Maps,
    /// H2Sources).</param>
    /// <param name="slices">Which slices, and where their sums go.</param>
    /// <typeparam name="TTable">How the connection table is read.</typeparam>
    /// <typeparam name="TBorder">What surrounds a map.</typeparam>
    public static void BackwardWeights<TTable, TBorder>(Batch batch, ArrayView<int> sources, SliceSums slices)
        where TTable : struct, ISourceTable
        where TBorder : struct, IBorder
    {
        int tapRow = Grid.IdxX % Shape1989.KernelSize;
        int connection = Grid.IdxX / Shape1989.KernelSize;
        int map = connection / Shape1989.H2Sources * BlockMaps;
        int entry = TTable.IsGrouped ? connection : map * Shape1989.H2Sources + connection % Shape1989.H2Sources;
        int h1Map = sources[entry];
        slices.Range(Grid.IdxY, out int start, out int end);
        Taps5 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
        for (int example = start + Group.IdxX; example < end; example += Group.DimX)
        {
            for (int row = 0; row < Shape1989.H2Size; row++)
            {
                int h1Row = row * 2 + tapRow - 2;
                Float8 h1 = LoadH1Row<TBorder>(batch, h1Map, h1Row, example);
                int unit = Layout.H2Row + map * Layout.H2MapUnits;
                AddGradient<TBorder>(ref sums0, LoadH2Row(batch, unit, row, example), h1);
                LoadOwnH1Row<TTable, TBorder>(batch, sources, entry + Shape1989.H2Sources, h1Row, example, ref h1);
                AddGradient<TBorder>(ref sums1, LoadH2Row(batch, unit + Layout.H2MapUnits, row, example), h1);
                LoadOwnH1Row<TTable, TBorder>(batch, sources, entry + 2 * Shape1989.H2Sources, h1Row, example, ref h1);
                AddGradient<TBorder>(ref sums2, LoadH2Row(batch, unit + 2 * Layout.H2MapUnits, row, example), h1);
                LoadOwnH1Row<TTable, TBorder>(batch, sources, entry + 3 * Shape1989.H2Sources, h1Row, example, ref h1);
                AddGradient<TBorder>(ref sums3, LoadH2Row(batch, unit + 3 * Layout.H2MapUnits, row, example), h1);
            }
        }

        ArrayView<float> shared = GroupSums.Of(sums0, sums1, sums2, sums3);
        for (int value = Group.IdxX; value < 20; value += Group.DimX)
        {
            int kernel = (map + value / 5) * Shape1989.H2Sources + connection % Shape1989.H2Sources;
            int weight = Layout.H2w + kernel * Layout.KernelTaps + tapRow * 5 + value % 5;
            slices.Store(Grid.IdxY, Layout.Parameters, weight, shared[value * Group.DimX]);
        }
    }

    /// <summary>A row of a map of H1, or of its border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float8 LoadH1Row<TBorder>(Batch batch, int map, int row, int example)
        where TBorder : struct, IBorder
    {
        Float8 h1 = Float8.Border<TBorder>();
        if (row >= 0 && row < Shape1989.H1Size)
        {
            int unit = Layout.H1Row + map * Layout.H1MapUnits + row * Shape1989.H1Size;
            h1 = Float8.Load(batch.Activations, unit * batch.Stride + example, batch.Stride);
        }

        return h1;
    }

    /// <summary>The row of H1 that another map of the group reads; where groups share, that is the one at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadOwnH1Row<TTable, TBorder>(
        Batch batch, ArrayView<int> sources, int entry, int row, int example, ref Float8 h1)
        where TTable : struct, ISourceTable
        where TBorder : struct, IBorder
    {
        if (!TTable.IsGrouped)
        {
            h1 = LoadH1Row<TBorder>(batch, sources[entry], row, example);
        }
    }

    /// <summary>The deltas of a row of a map of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 LoadH2Row(Batch batch, int firstUnit, int row, int example) =>
        Float4.Load(batch.Deltas, (firstUnit + row * Shape1989.H2Size) * batch.Stride + example, batch.Stride);

    /// <summary>Unit c reads columns 2c - 2 to 2c + 2; columns -2, -1 and 8 are border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(ref Float4 sums, Taps5 taps, Float8 h1)
    {
        const float Border = Shape1989.PaddingValue;
        sums.C0 = taps.DotPlus(Border, Border, h1.C0, h1.C1, h1.C2, sums.C0);
        sums.C1 = taps.DotPlus(h1.C0, h1.C1, h1.C2, h1.C3, h1.C4, sums.C1);
        sums.C2 = taps.DotPlus(h1.C2, h1.C3, h1.C4, h1.C5, h1.C6, sums.C2);
        sums.C3 = taps.DotPlus(h1.C4, h1.C5, h1.C6, h1.C7, Border, sums.C3);
    }

    /// <summary>Column x lies under tap t of unit c where 2c - 2 + t = x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddGradient(ref Float8 sums, Taps5 taps, Float4 deltas)
    {
        sums.C0 += taps.T2 * deltas.C0 + taps.T0 * deltas.C1;
        sums.C1 += taps.T3 * deltas.C0 + taps.T1 * deltas.C1;
        sums.C2 += taps.T4 * deltas.C0 + taps.T2 * deltas.C1 + taps.T0 * deltas.C2;
        sums.C3 += taps.T3 * deltas.C1 + taps.T1 * deltas.C2;
        sums.C4 += taps.T4 * deltas.C1 + taps.T2 * deltas.C2 + taps.T0 * deltas.C3;
        sums.C5 += taps.T3 * deltas.C2 + taps.T1 * deltas.C3;
        sums.C6 += taps.T4 * deltas.C2 + taps.T2 * deltas.C3;
        sums.C7 += taps.T3 * deltas.C3;
    }

    /// <summary>Tap t of unit c lies over column 2c - 2 + t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddGradient<TBorder>(ref Taps5 sums, Float4 deltas, Float8 h1)
        where TBorder : struct, IBorder
    {
        float border = TBorder.Value;
        sums.T0 = deltas.DotPlus(Float4.Of(border, h1.C0, h1.C2, h1.C4), sums.T0);
        sums.T1 = deltas.DotPlus(Float4.Of(border, h1.C1, h1.C3, h1.C5), sums.T1);
        sums.T2 = deltas.DotPlus(Float4.Of(h1.C0, h1.C2, h1.C4, h1.C6), sums.T2);
        sums.T3 = deltas.DotPlus(Float4.Of(h1.C1, h1.C3, h1.C5, h1.C7), sums.T3);
        sums.T4 = deltas.DotPlus(Float4.Of(h1.C2, h1.C4, h1.C6, border), sums.T4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<THidden>(
        Batch batch, ArrayView<float> parameters, int example, int map, int row, Float4 sums, Perturbation perturbation)
        where THidden : struct, IActivation
    {
        int unit = map * Layout.H2MapUnits + row * Shape1989.H2Size;
        Float4 bias = Float4.Load(parameters, Layout.H2b + unit, 1);
        Float4 h2 = sums.Plus(bias).Applied<THidden>();
        int place = (Layout.H2Row + unit) * batch.Stride + example;
        h2.Store(batch.Activations, place, batch.Stride);
        if (THidden.DerivativeNeedsSum && batch.HasDeltas)
        {
            sums.Plus(bias).Derivatives<THidden>().Store(batch.Deltas, place, batch.Stride);
        }

        if (perturbation.Drops)
        {
            h2.Times(Float4.KeepFactors(perturbation, batch.First + example, map * Shape1989.H2Size + row))
                .Store(batch.Kept, unit * batch.Stride + example, batch.Stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDeltas<THidden>(Batch batch, int place, Float8 gradient)
        where THidden : struct, IActivation
    {
        Float8 slopes = THidden.DerivativeNeedsSum
            ? Float8.Load(batch.Deltas, place, batch.Stride)
            : Float8.Load(batch.Activations, place, batch.Stride).Derivatives<THidden>();
        gradient.Times(slopes).Store(batch.Deltas, place, batch.Stride);
    }
}
