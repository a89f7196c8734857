using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H1 of a tile: images in, (Examples, H1Maps, 8 rows, 2 quads) out. The readable twin is
/// <see cref="H1Kernels"/>.
/// </summary>
internal static class TileH1
{
    // Quads of a row.
    private const int RowQuads = Shape1989.H1Size / 4;

    // Quads of a map's units, and of its biases.
    private const int MapQuads = Shape1989.H1MapUnits / 4;

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
            Columns8 sums1 = Columns8.Of(biases[MapQuads], biases[MapQuads + 1]);
            Columns8 sums2 = Columns8.Of(biases[2 * MapQuads], biases[2 * MapQuads + 1]);
            Columns8 sums3 = Columns8.Of(biases[3 * MapQuads], biases[3 * MapQuads + 1]);
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

    /// <summary>The gradient of the biases. A thread: half a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases<TShape>(int thread, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        for (int task = thread; task < TShape.H1Maps * MapQuads; task += FusedKernels.Threads)
        {
            int deltas = Tile<TShape>.H1 + Tile<TShape>.H1Map(task.Over(MapQuads)) + task.Modulo(MapQuads);
            share.Add(Packing<TShape>.H1b + task, TileSums.Of(quads, deltas, Tile<TShape>.H1Quads));
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: a map's kernel, over half the map of an example; what the threads of a map have
    /// is added up in H1's memory, which is needed no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TShape>(int thread, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        const int Parts = Tile<TShape>.Examples * 2;
        HalfOfMap<TShape>(thread, out int place, out int map, out int half);
        WholeKernel sums = default;
        if (half < 2)
        {
            ArrayView<Columns4> deltas = quads.SubView(Place<TShape>(place, map, half * (Shape1989.H1Size / 2)));
            Columns8 deltas0 = Load(deltas, 0);
            int top = half * Shape1989.H1Size - Shape1989.Padding;
            Columns16 image = TileImages.Row<TShape>(quads, place, top);
            sums.Row0.Add(image, deltas0);
            image = TileImages.Row<TShape>(quads, place, top + 1);
            sums.Row1.Add(image, deltas0);
            Columns8 deltas1 = Load(deltas, 1);
            float left = deltas0.C0 + deltas1.C0;
            float right = deltas0.C7 + deltas1.C7;
            image = TileImages.Row<TShape>(quads, place, top + 2);
            sums.Row2.Add(image, deltas0);
            sums.Row0.Add(image, deltas1);
            image = TileImages.Row<TShape>(quads, place, top + 3);
            sums.Row3.Add(image, deltas0);
            sums.Row1.Add(image, deltas1);
            Columns8 deltas2 = Load(deltas, 2);
            left += deltas2.C0;
            right += deltas2.C7;
            image = TileImages.Row<TShape>(quads, place, top + 4);
            sums.Row4.Add(image, deltas0);
            sums.Row2.Add(image, deltas1);
            sums.Row0.Add(image, deltas2);
            image = TileImages.Row<TShape>(quads, place, top + 5);
            sums.Row3.Add(image, deltas1);
            sums.Row1.Add(image, deltas2);
            Columns8 deltas3 = Load(deltas, 3);
            image = TileImages.Row<TShape>(quads, place, top + 6);
            sums.Row4.Add(image, deltas1);
            sums.Row2.Add(image, deltas2);
            sums.Row0.Add(image, deltas3);
            image = TileImages.Row<TShape>(quads, place, top + 7);
            sums.Row3.Add(image, deltas2);
            sums.Row1.Add(image, deltas3);
            image = TileImages.Row<TShape>(quads, place, top + 8);
            sums.Row4.Add(image, deltas2);
            sums.Row2.Add(image, deltas3);
            image = TileImages.Row<TShape>(quads, place, top + 9);
            sums.Row3.Add(image, deltas3);
            image = TileImages.Row<TShape>(quads, place, top + 10);
            sums.Row4.Add(image, deltas3);
            sums = sums.WithEdges(left + deltas3.C0, right + deltas3.C7);
        }

        Group.Barrier();

        // (parts, maps, 7 quads), and one quad more a part, for the banks.
        int stride = TShape.H1Maps * WholeKernel.Quads + 1;
        int part = half * Tile<TShape>.Examples + place;
        if (half < 2)
        {
            sums.Store(quads.SubView(Tile<TShape>.H1 + part * stride + map * WholeKernel.Quads));
        }

        Group.Barrier();
        ArrayView<float> parts = quads.Cast<float>();
        ArrayView<float> weights = share.ValuesFrom(Packing<TShape>.H1w, 0);
        for (int weight = thread; weight < Shape1989.KernelTaps * TShape.H1Maps; weight += FusedKernels.Threads)
        {
            int first = Tile<TShape>.H1 * 4 + weight.Modulo(TShape.H1Maps) * (WholeKernel.Quads * 4) + weight.Over(TShape.H1Maps);
            float before = share.IsFirst ? 0f : weights[weight];
            float sum = 0f;
            for (int other = 0; other < Parts; other += Tile<TShape>.Examples)
            {
                sum += TileSums.Of(parts, first + other * stride * 4, stride * 4);
            }

            weights[weight] = before + sum;
        }
    }

    /// <summary>A row of a map of H1 between its borders.</summary>
    /// <param name="quads">The tile's memory.</param>
    /// <param name="first">Where a row is, which may be one before the map's first.</param>
    /// <param name="row">How many rows further this one is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns12 Row(ArrayView<Columns4> quads, int first, int row) =>
        Columns12.Of(Load(quads.SubView(first + row * RowQuads), 0));

    /// <summary>
    /// Which half of which map of which example is a thread's, for whom neighbours with maps m and m + 2 read the same of the
    /// example, and a warp has one half.
    /// </summary>
    /// <param name="task">The thread's number, less than Examples * H1Maps * 2.</param>
    /// <param name="place">The example.</param>
    /// <param name="map">The map.</param>
    /// <param name="half">0 for the upper half of its rows, 1 for the lower.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HalfOfMap<TShape>(int task, out int place, out int map, out int half)
        where TShape : struct, IShape
    {
        const int Lanes = 4 * Tile<TShape>.Examples;
        int block = task.Over(Lanes);
        place = task.Over(2).Modulo(Tile<TShape>.Examples);
        map = block.Modulo(Packing<TShape>.H1Blocks) * 4 + task.Modulo(2) * 2 + task.Over(2 * Tile<TShape>.Examples).Modulo(2);
        half = block.Over(Packing<TShape>.H1Blocks);
    }

    /// <summary>Turns what a row's deltas have collected from H2 into deltas: times the slopes of the units they replace.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDeltas<TShape, THidden>(
        ArrayView<Columns4> quads, int place, int map, int row, Columns8 sums)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        ArrayView<Columns4> h1 = quads.SubView(Place<TShape>(place, map, row));
        Store(h1, 0, sums.Times(Load(h1, 0).Slopes<THidden>()));
    }

    /// <summary>Where a row of a map of an example is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place<TShape>(int place, int map, int row)
        where TShape : struct, IShape =>
        Tile<TShape>.H1 + place * Tile<TShape>.H1Quads + Tile<TShape>.H1Map(map) + row * Tile<TShape>.H1RowQuads;

    /// <summary>A map's row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns8 Load(ArrayView<Columns4> rows, int row) => Columns8.Of(rows[row * RowQuads], rows[row * RowQuads + 1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Columns4> rows, int quad, Columns8 units)
    {
        rows[quad] = units.Left;
        rows[quad + 1] = units.Right;
    }

    /// <summary>A kernel row of four maps over the eight units of a row, from the row of the image under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TShape>(
        ArrayView<Columns4> weights, int tapRow, Columns16 image,
        ref Columns8 sums0, ref Columns8 sums1, ref Columns8 sums2, ref Columns8 sums3)
        where TShape : struct, IShape
    {
        int blocks = Packing<TShape>.H1Blocks;
        ArrayView<Columns4> row = weights.SubView(tapRow * Shape1989.KernelSize * blocks);
        Add(row[0], image.Under0, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[blocks], image.Under1, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[2 * blocks], image.Under2, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[3 * blocks], image.Under3, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[4 * blocks], image.Under4, ref sums0, ref sums1, ref sums2, ref sums3);
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
