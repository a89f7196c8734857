using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H1 of a tile: images in, (Examples, H1Maps, 8 rows, 3 quads) out, each row between its borders. The readable twin is
/// <see cref="H1Kernels"/>.
/// </summary>
internal static class TileH1
{
    // The share of an example's gradient that a thread sums: the upper or the lower four rows.
    private const int Halves = 2;
    private const int HalfRows = Shape1989.H1Size / Halves;

    /// <summary>H1 = activation(bias + weights * image). A thread: a row of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, THidden>(FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int tasks = Packing<TShape>.H1Blocks * Shape1989.H1Size * Tile<TShape>.Examples;
        for (int task = Group.IdxX; task < tasks; task += FusedKernels.Threads)
        {
            int place = task % Tile<TShape>.Examples;
            int row = task / Tile<TShape>.Examples % Shape1989.H1Size;
            int block = task / (Tile<TShape>.Examples * Shape1989.H1Size);
            Columns8 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
            {
                Columns20 image = TileImages.Row<TShape>(quads, place, row * 2 + tapRow - Shape1989.Padding);
                int blocks = Packing<TShape>.H1Blocks;
                int weights = Packing<TShape>.H1w + tapRow * Shape1989.KernelSize * blocks + block;
                Add(batch.Weights[weights], image.Under0, ref sums0, ref sums1, ref sums2, ref sums3);
                Add(batch.Weights[weights + blocks], image.Under1, ref sums0, ref sums1, ref sums2, ref sums3);
                Add(batch.Weights[weights + 2 * blocks], image.Under2, ref sums0, ref sums1, ref sums2, ref sums3);
                Add(batch.Weights[weights + 3 * blocks], image.Under3, ref sums0, ref sums1, ref sums2, ref sums3);
                Add(batch.Weights[weights + 4 * blocks], image.Under4, ref sums0, ref sums1, ref sums2, ref sums3);
            }

            Finish<TShape, THidden>(batch, quads, place, block * 4, row, sums0);
            Finish<TShape, THidden>(batch, quads, place, block * 4 + 1, row, sums1);
            Finish<TShape, THidden>(batch, quads, place, block * 4 + 2, row, sums2);
            Finish<TShape, THidden>(batch, quads, place, block * 4 + 3, row, sums3);
        }
    }

    /// <summary>The gradient of the biases. A thread: a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases<TShape>(ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int tasks = TShape.H1Maps * Shape1989.H1Size;
        for (int task = Group.IdxX; task < tasks; task += FusedKernels.Threads)
        {
            Columns8 sums = default;
            for (int place = 0; place < Tile<TShape>.Examples; place++)
            {
                sums = sums.Plus(Row<TShape>(quads, place, task / Shape1989.H1Size, task % Shape1989.H1Size).Units);
            }

            share.Add(
                Packing<TShape>.H1b + task * 2, new() { C0 = sums.C0, C1 = sums.C1, C2 = sums.C2, C3 = sums.C3 });
            share.Add(
                Packing<TShape>.H1b + task * 2 + 1, new() { C0 = sums.C4, C1 = sums.C5, C2 = sums.C6, C3 = sums.C7 });
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: the kernel row of four maps, over half the rows of an example; what the
    /// halves have of a weight is added up in H1's memory, which is needed no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TShape>(ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int parts = Tile<TShape>.Examples * Halves;
        int tapRows = Packing<TShape>.H1Blocks * Shape1989.KernelSize;
        int part = Group.IdxX % parts;
        int place = part % Tile<TShape>.Examples;
        int firstRow = part / Tile<TShape>.Examples * HalfRows;
        int tile = Group.IdxX / parts;
        int tapRow = tile % Shape1989.KernelSize;
        int map = tile / Shape1989.KernelSize * 4;
        Columns4 sums0 = default, sums1 = default, sums2 = default, sums3 = default, sums4 = default;
        if (tile < tapRows)
        {
            for (int row = firstRow; row < firstRow + HalfRows; row++)
            {
                Columns20 image = TileImages.Row<TShape>(quads, place, row * 2 + tapRow - Shape1989.Padding);
                Columns8 deltas0 = Row<TShape>(quads, place, map, row).Units;
                Columns8 deltas1 = Row<TShape>(quads, place, map + 1, row).Units;
                Columns8 deltas2 = Row<TShape>(quads, place, map + 2, row).Units;
                Columns8 deltas3 = Row<TShape>(quads, place, map + 3, row).Units;
                AddGradient(image.Under0, deltas0, deltas1, deltas2, deltas3, ref sums0);
                AddGradient(image.Under1, deltas0, deltas1, deltas2, deltas3, ref sums1);
                AddGradient(image.Under2, deltas0, deltas1, deltas2, deltas3, ref sums2);
                AddGradient(image.Under3, deltas0, deltas1, deltas2, deltas3, ref sums3);
                AddGradient(image.Under4, deltas0, deltas1, deltas2, deltas3, ref sums4);
            }
        }

        Group.Barrier();
        int weights = tapRows * Shape1989.KernelSize;
        if (tile < tapRows)
        {
            // (parts, blocks, 25 taps), an odd number of quads a part.
            int first = Tile<TShape>.H1 + part * weights
                + (map / 4 * Shape1989.KernelSize + tapRow) * Shape1989.KernelSize;
            quads[first] = sums0;
            quads[first + 1] = sums1;
            quads[first + 2] = sums2;
            quads[first + 3] = sums3;
            quads[first + 4] = sums4;
        }

        Group.Barrier();
        for (int weight = Group.IdxX; weight < weights; weight += FusedKernels.Threads)
        {
            Columns4 sums = quads[Tile<TShape>.H1 + weight];
            for (int other = 1; other < parts; other++)
            {
                sums = sums.Plus(quads[Tile<TShape>.H1 + other * weights + weight]);
            }

            int tap = weight % Shape1989.KernelTaps;
            share.Add(
                Packing<TShape>.H1w + tap * Packing<TShape>.H1Blocks + weight / Shape1989.KernelTaps, sums);
        }
    }

    /// <summary>A row of a map of H1, or of its deltas, between its borders; or of the border above or below the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns12 Row<TShape>(ArrayView<Columns4> quads, int place, int map, int row)
        where TShape : struct, IShape
    {
        if (row < 0 || row >= Shape1989.H1Size)
        {
            return Columns12.Border;
        }

        int first = Place<TShape>(place, map, row);
        return new Columns12 { Q0 = quads[first], Q1 = quads[first + 1], Q2 = quads[first + 2] };
    }

    /// <summary>Turns what a row's deltas have collected from H2 into deltas: times the slopes of the units they replace.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDeltas<TShape, THidden>(
        ArrayView<Columns4> quads, int place, int map, int row, Columns8 sums)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        Columns8 slopes = Row<TShape>(quads, place, map, row).Units.Slopes<THidden>();
        Store<TShape>(quads, place, map, row, sums.Times(slopes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place<TShape>(int place, int map, int row)
        where TShape : struct, IShape =>
        Tile<TShape>.H1 + place * Tile<TShape>.H1Quads + map * Tile<TShape>.H1MapQuads + row * Tile<TShape>.H1RowQuads;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TShape>(ArrayView<Columns4> quads, int place, int map, int row, Columns8 units)
        where TShape : struct, IShape
    {
        Columns12 bordered = Columns12.Of(units);
        int first = Place<TShape>(place, map, row);
        quads[first] = bordered.Q0;
        quads[first + 1] = bordered.Q1;
        quads[first + 2] = bordered.Q2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TShape, THidden>(
        FusedBatch batch, ArrayView<Columns4> quads, int place, int map, int row, Columns8 sums)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int unit = map * Layout<TShape>.H1MapUnits + row * Shape1989.H1Size;
        Columns8 total = sums.Plus(Columns8.Load(batch.Parameters, Layout<TShape>.H1b + unit, 1));
        Store<TShape>(quads, place, map, row, total.Applied<THidden>());
    }

    /// <summary>One tap of four maps over the eight units of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Columns4 weights, Columns8 under, ref Columns8 sums0, ref Columns8 sums1, ref Columns8 sums2, ref Columns8 sums3)
    {
        sums0 = under.TimesPlus(weights.C0, sums0);
        sums1 = under.TimesPlus(weights.C1, sums1);
        sums2 = under.TimesPlus(weights.C2, sums2);
        sums3 = under.TimesPlus(weights.C3, sums3);
    }

    /// <summary>The gradient of one tap of four maps from a row of each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddGradient(
        Columns8 under, Columns8 deltas0, Columns8 deltas1, Columns8 deltas2, Columns8 deltas3, ref Columns4 sums)
    {
        sums.C0 = under.DotPlus(deltas0, sums.C0);
        sums.C1 = under.DotPlus(deltas1, sums.C1);
        sums.C2 = under.DotPlus(deltas2, sums.C2);
        sums.C3 = under.DotPlus(deltas3, sums.C3);
    }
}
