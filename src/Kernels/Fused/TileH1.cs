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
    // Rows of an example of which a thread sums the weights' gradient.
    private const int RowsOfPart = 2;

    // Quads of a map's biases.
    private const int MapBiases = Shape1989.H1MapUnits / 4;

    /// <summary>H1 = activation(bias + weights * image). A thread: a row of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, THidden>(int thread, FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int tasks = Packing<TShape>.H1Blocks * Shape1989.H1Size * Tile<TShape>.Examples;
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int place = task.Modulo(Tile<TShape>.Examples);
            int row = task.Over(Tile<TShape>.Examples).Modulo(Shape1989.H1Size);
            int block = task.Over(Tile<TShape>.Examples * Shape1989.H1Size);
            int top = row * 2 - Shape1989.Padding;
            ArrayView<Columns4> biases = batch.Weights.SubView(Packing<TShape>.H1b + (block * 4 * Shape1989.H1Size + row) * 2);
            ArrayView<Columns4> weights = batch.Weights.SubView(Packing<TShape>.H1w + block);
            Columns8 sums0 = Columns8.Of(biases[0], biases[1]);
            Columns8 sums1 = Columns8.Of(biases[MapBiases], biases[MapBiases + 1]);
            Columns8 sums2 = Columns8.Of(biases[2 * MapBiases], biases[2 * MapBiases + 1]);
            Columns8 sums3 = Columns8.Of(biases[3 * MapBiases], biases[3 * MapBiases + 1]);
            for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
            {
                AddRow<TShape>(
                    weights, tapRow, TileImages.Row<TShape>(quads, place, top + tapRow),
                    ref sums0, ref sums1, ref sums2, ref sums3);
            }

            ArrayView<Columns4> h1 = quads.SubView(Place<TShape>(place, block * 4, row));
            Store(h1, 0, sums0.Applied<THidden>());
            Store(h1, Tile<TShape>.H1MapQuads, sums1.Applied<THidden>());
            Store(h1, 2 * Tile<TShape>.H1MapQuads, sums2.Applied<THidden>());
            Store(h1, 3 * Tile<TShape>.H1MapQuads, sums3.Applied<THidden>());
        }
    }

    /// <summary>The gradient of the biases. A thread: a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases<TShape>(int thread, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int tasks = TShape.H1Maps * Shape1989.H1Size;
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            ArrayView<Columns4> deltas = quads.SubView(
                Place<TShape>(0, task.Over(Shape1989.H1Size), task.Modulo(Shape1989.H1Size)));
            Columns8 sums = new Columns12
            {
                Q0 = TileSums.Of(deltas, 0, Tile<TShape>.H1Quads),
                Q1 = TileSums.Of(deltas, 1, Tile<TShape>.H1Quads),
                Q2 = TileSums.Of(deltas, 2, Tile<TShape>.H1Quads),
            }.Units;
            GradientShare row = share.From(Packing<TShape>.H1b + task * 2);
            Columns4 before0 = row.Before(0);
            Columns4 before1 = row.Before(1);
            row.Leave(0, before0.Plus(sums.Left));
            row.Leave(1, before1.Plus(sums.Right));
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: two maps' kernels, over two rows of an example; what the 32 threads of a pair of
    /// maps have is added up in H1's memory, which is needed no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TShape>(int thread, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        const int Parts = Tile<TShape>.Examples * (Shape1989.H1Size / RowsOfPart);
        int part = thread.Modulo(Parts);
        int place = part.Modulo(Tile<TShape>.Examples);
        int row = part.Over(Tile<TShape>.Examples) * RowsOfPart;
        int pair = thread.Over(Parts);
        int pairs = TShape.H1Maps / 2;
        TwoKernels sums = default;
        if (pair < pairs)
        {
            ArrayView<Columns4> deltas = quads.SubView(Place<TShape>(place, pair * 2, row));
            Columns8 upper0 = Load(deltas, 0).Units;
            Columns8 lower0 = Load(deltas, Tile<TShape>.H1RowQuads).Units;
            Columns8 upper1 = Load(deltas, Tile<TShape>.H1MapQuads).Units;
            Columns8 lower1 = Load(deltas, Tile<TShape>.H1MapQuads + Tile<TShape>.H1RowQuads).Units;
            int top = row * 2 - Shape1989.Padding;
            Columns20 image = TileImages.Row<TShape>(quads, place, top);
            sums.Row0.Add(image, upper0, upper1);
            image = TileImages.Row<TShape>(quads, place, top + 1);
            sums.Row1.Add(image, upper0, upper1);
            image = TileImages.Row<TShape>(quads, place, top + 2);
            sums.Row2.Add(image, upper0, upper1);
            sums.Row0.Add(image, lower0, lower1);
            image = TileImages.Row<TShape>(quads, place, top + 3);
            sums.Row3.Add(image, upper0, upper1);
            sums.Row1.Add(image, lower0, lower1);
            image = TileImages.Row<TShape>(quads, place, top + 4);
            sums.Row4.Add(image, upper0, upper1);
            sums.Row2.Add(image, lower0, lower1);
            image = TileImages.Row<TShape>(quads, place, top + 5);
            sums.Row3.Add(image, lower0, lower1);
            image = TileImages.Row<TShape>(quads, place, top + 6);
            sums.Row4.Add(image, lower0, lower1);
        }

        Group.Barrier();

        // (parts, pairs of maps, 13 quads), and one quad more a part, for the banks.
        int ofPart = pairs * TwoKernels.Quads;
        int stride = ofPart + 1;
        if (pair < pairs)
        {
            sums.Store(quads.SubView(Tile<TShape>.H1 + part * stride + pair * TwoKernels.Quads));
        }

        Group.Barrier();
        for (int quad = thread; quad < ofPart; quad += FusedKernels.Threads)
        {
            Columns4 sum = default;
            for (int other = 0; other < Parts; other += Tile<TShape>.Examples)
            {
                sum = sum.Plus(TileSums.Of(quads, Tile<TShape>.H1 + quad + other * stride, stride));
            }

            int ofPair = quad.Over(TwoKernels.Quads);
            int tap = quad.Modulo(TwoKernels.Quads) * 2;
            ArrayView<TwoMaps> weights = share.TwoMapsFrom(
                Packing<TShape>.H1w + tap * Packing<TShape>.H1Blocks + ofPair.Over(2), ofPair.Modulo(2));
            int next = tap + 1 < Shape1989.KernelTaps ? Packing<TShape>.H1Blocks * 2 : 0;
            TwoMaps before = share.IsFirst ? default : weights[0];
            TwoMaps beforeNext = share.IsFirst ? default : weights[next];
            weights[next] = beforeNext.Plus(new() { Map0 = sum.C2, Map1 = sum.C3 });
            weights[0] = before.Plus(new() { Map0 = sum.C0, Map1 = sum.C1 });
        }
    }

    /// <summary>A row of a map of H1, or of its deltas, between its borders; or of the border above or below the map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns12 Row<TShape>(ArrayView<Columns4> quads, int place, int map, int row)
        where TShape : struct, IShape
    {
        int first = (uint)row < Shape1989.H1Size ? Place<TShape>(place, map, row) : Tile<TShape>.Border;
        return Load(quads.SubView(first), 0);
    }

    /// <summary>Turns what a row's deltas have collected from H2 into deltas: times the slopes of the units they replace.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDeltas<TShape, THidden>(
        ArrayView<Columns4> quads, int place, int map, int row, Columns8 sums)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        ArrayView<Columns4> h1 = quads.SubView(Place<TShape>(place, map, row));
        Store(h1, 0, sums.Times(Load(h1, 0).Units.Slopes<THidden>()));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place<TShape>(int place, int map, int row)
        where TShape : struct, IShape =>
        Tile<TShape>.H1 + place * Tile<TShape>.H1Quads + map * Tile<TShape>.H1MapQuads + row * Tile<TShape>.H1RowQuads;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns12 Load(ArrayView<Columns4> row, int quad) =>
        new() { Q0 = row[quad], Q1 = row[quad + 1], Q2 = row[quad + 2] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Columns4> row, int quad, Columns8 units)
    {
        Columns12 bordered = Columns12.Of(units);
        row[quad] = bordered.Q0;
        row[quad + 1] = bordered.Q1;
        row[quad + 2] = bordered.Q2;
    }

    /// <summary>A kernel row of four maps over the eight units of a row, from the row of the image under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TShape>(
        ArrayView<Columns4> weights, int tapRow, Columns20 image,
        ref Columns8 sums0, ref Columns8 sums1, ref Columns8 sums2, ref Columns8 sums3)
        where TShape : struct, IShape
    {
        int blocks = Packing<TShape>.H1Blocks;
        int first = tapRow * Shape1989.KernelSize * blocks;
        Add(weights[first], image.Under0, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(weights[first + blocks], image.Under1, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(weights[first + 2 * blocks], image.Under2, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(weights[first + 3 * blocks], image.Under3, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(weights[first + 4 * blocks], image.Under4, ref sums0, ref sums1, ref sums2, ref sums3);
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
}
