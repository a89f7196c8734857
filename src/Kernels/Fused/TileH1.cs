using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H1 of a tile: images in, (Examples, H1Maps, 8 rows, 2 float4s) out. The readable twin is
/// <see cref="H1Kernels"/>.
/// </summary>
internal static class TileH1
{
    // Float4s of a row.
    private const int RowFloat4s = Shape1989.H1Size / 4;

    // Float4s of a map's units, and of its biases.
    private const int MapFloat4s = Shape1989.H1MapUnits / 4;

    /// <summary>H1 = activation(bias + weights * image). A thread: a row of four maps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(int thread, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        int tasks = FusedLayout.H1Blocks * Shape1989.H1Size * Tile.Examples;
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int place = task.Modulo(Tile.Examples);
            int row = task.Over(Tile.Examples).Modulo(Shape1989.H1Size);
            int block = task.Over(Tile.Examples * Shape1989.H1Size);
            int top = row * 2 - Shape1989.Padding;
            ArrayView<Float4> biases = batch.Weights.SubView(FusedLayout.H1b + (block * 4 * Shape1989.H1Size + row) * 2);
            ArrayView<Float4> weights = batch.Weights.SubView(FusedLayout.H1w + block);
            Float8 sums0 = Float8.Of(biases[0], biases[1]);
            Float8 sums1 = Float8.Of(biases[MapFloat4s], biases[MapFloat4s + 1]);
            Float8 sums2 = Float8.Of(biases[2 * MapFloat4s], biases[2 * MapFloat4s + 1]);
            Float8 sums3 = Float8.Of(biases[3 * MapFloat4s], biases[3 * MapFloat4s + 1]);
            for (int tapRow = 0; tapRow < Shape1989.KernelSize; tapRow++)
            {
                AddRow(
                    weights, tapRow, TileImages.Row(float4s, place, top + tapRow),
                    ref sums0, ref sums1, ref sums2, ref sums3);
            }

            ArrayView<Float4> h1 = float4s.SubView(Place(place, block * 4, row));
            Store(h1, 0, sums0.Applied<THidden>());
            Store(h1, Tile.H1MapFloat4s, sums1.Applied<THidden>());
            Store(h1, 2 * Tile.H1MapFloat4s, sums2.Applied<THidden>());
            Store(h1, 3 * Tile.H1MapFloat4s, sums3.Applied<THidden>());
        }
    }

    /// <summary>The gradient of the biases. A thread: half a row of a map.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases(int thread, ArrayView<Float4> float4s, GradientShare share)
    {
        for (int task = thread; task < Shape1989.H1Maps * MapFloat4s; task += FusedKernels.Threads)
        {
            int deltas = Tile.H1 + Tile.H1Map(task.Over(MapFloat4s)) + task.Modulo(MapFloat4s);
            share.Add(FusedLayout.H1b + task, TileSums.Of(float4s, deltas, Tile.H1Float4s));
        }
    }

    /// <summary>
    /// The gradient of the weights. A thread: a map's kernel, over half the map of an example; what the threads of a map have
    /// is added up in H1's memory, which is needed no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(int thread, ArrayView<Float4> float4s, GradientShare share)
    {
        const int Parts = Tile.Examples * 2;
        HalfOfMap(thread, out int place, out int map, out int half);
        Kernel5x5 sums = default;
        if (half < 2)
        {
            ArrayView<Float4> deltas = float4s.SubView(Place(place, map, half * (Shape1989.H1Size / 2)));
            Float8 deltas0 = Load(deltas, 0);
            int top = half * Shape1989.H1Size - Shape1989.Padding;
            ImageRow image = TileImages.Row(float4s, place, top);
            sums.Row0.Add(image, deltas0);
            image = TileImages.Row(float4s, place, top + 1);
            sums.Row1.Add(image, deltas0);
            Float8 deltas1 = Load(deltas, 1);
            float left = deltas0.C0 + deltas1.C0;
            float right = deltas0.C7 + deltas1.C7;
            image = TileImages.Row(float4s, place, top + 2);
            sums.Row2.Add(image, deltas0);
            sums.Row0.Add(image, deltas1);
            image = TileImages.Row(float4s, place, top + 3);
            sums.Row3.Add(image, deltas0);
            sums.Row1.Add(image, deltas1);
            Float8 deltas2 = Load(deltas, 2);
            left += deltas2.C0;
            right += deltas2.C7;
            image = TileImages.Row(float4s, place, top + 4);
            sums.Row4.Add(image, deltas0);
            sums.Row2.Add(image, deltas1);
            sums.Row0.Add(image, deltas2);
            image = TileImages.Row(float4s, place, top + 5);
            sums.Row3.Add(image, deltas1);
            sums.Row1.Add(image, deltas2);
            Float8 deltas3 = Load(deltas, 3);
            image = TileImages.Row(float4s, place, top + 6);
            sums.Row4.Add(image, deltas1);
            sums.Row2.Add(image, deltas2);
            sums.Row0.Add(image, deltas3);
            image = TileImages.Row(float4s, place, top + 7);
            sums.Row3.Add(image, deltas2);
            sums.Row1.Add(image, deltas3);
            image = TileImages.Row(float4s, place, top + 8);
            sums.Row4.Add(image, deltas2);
            sums.Row2.Add(image, deltas3);
            image = TileImages.Row(float4s, place, top + 9);
            sums.Row3.Add(image, deltas3);
            image = TileImages.Row(float4s, place, top + 10);
            sums.Row4.Add(image, deltas3);
            sums = sums.WithEdges(left + deltas3.C0, right + deltas3.C7);
        }

        Group.Barrier();

        // (parts, maps, 7 float4s), and one float4 more a part, for the banks.
        int stride = Shape1989.H1Maps * Kernel5x5.Float4s + 1;
        int part = half * Tile.Examples + place;
        if (half < 2)
        {
            sums.Store(float4s.SubView(Tile.H1 + part * stride + map * Kernel5x5.Float4s));
        }

        Group.Barrier();
        ArrayView<float> parts = float4s.Cast<float>();
        ArrayView<float> weights = share.ValuesFrom(FusedLayout.H1w, 0);
        for (int weight = thread; weight < Shape1989.KernelTaps * Shape1989.H1Maps; weight += FusedKernels.Threads)
        {
            int first = Tile.H1 * 4 + weight.Modulo(Shape1989.H1Maps) * (Kernel5x5.Float4s * 4) + weight.Over(Shape1989.H1Maps);
            float before = share.IsFirst ? 0f : weights[weight];
            float sum = 0f;
            for (int other = 0; other < Parts; other += Tile.Examples)
            {
                sum += TileSums.Of(parts, first + other * stride * 4, stride * 4);
            }

            weights[weight] = before + sum;
        }
    }

    /// <summary>A row of a map of H1 between its borders.</summary>
    /// <param name="float4s">The tile's memory.</param>
    /// <param name="first">Where a row is, which may be one before the map's first.</param>
    /// <param name="row">How many rows further this one is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PaddedH1Row Row(ArrayView<Float4> float4s, int first, int row) =>
        PaddedH1Row.Of(Load(float4s.SubView(first + row * RowFloat4s), 0));

    /// <summary>
    /// Which half of which map of which example is a thread's, for whom neighbours with maps m and m + 2 read the same of the
    /// example, and a warp has one half.
    /// </summary>
    /// <param name="task">The thread's number, less than Examples * H1Maps * 2.</param>
    /// <param name="place">The example.</param>
    /// <param name="map">The map.</param>
    /// <param name="half">0 for the upper half of its rows, 1 for the lower.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void HalfOfMap(int task, out int place, out int map, out int half)
    {
        const int Lanes = 4 * Tile.Examples;
        int block = task.Over(Lanes);
        place = task.Over(2).Modulo(Tile.Examples);
        map = block.Modulo(FusedLayout.H1Blocks) * 4 + task.Modulo(2) * 2 + task.Over(2 * Tile.Examples).Modulo(2);
        half = block.Over(FusedLayout.H1Blocks);
    }

    /// <summary>
    /// Turns what a row's deltas have collected from H2 into deltas: times the slopes of the units they replace.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreDeltas<THidden>(
        ArrayView<Float4> float4s, int place, int map, int row, Float8 sums)
        where THidden : struct, IActivation
    {
        ArrayView<Float4> h1 = float4s.SubView(Place(place, map, row));
        Store(h1, 0, sums.Times(Load(h1, 0).Derivatives<THidden>()));
    }

    /// <summary>Where a row of a map of an example is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(int place, int map, int row) =>
        Tile.H1 + place * Tile.H1Float4s + Tile.H1Map(map) + row * Tile.H1RowFloat4s;

    /// <summary>A map's row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Load(ArrayView<Float4> rows, int row) => Float8.Of(rows[row * RowFloat4s], rows[row * RowFloat4s + 1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ArrayView<Float4> rows, int float4, Float8 units)
    {
        rows[float4] = units.Left;
        rows[float4 + 1] = units.Right;
    }

    /// <summary>A kernel row of four maps over the eight units of a row, from the row of the image under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(
        ArrayView<Float4> weights, int tapRow, ImageRow image,
        ref Float8 sums0, ref Float8 sums1, ref Float8 sums2, ref Float8 sums3)
    {
        int blocks = FusedLayout.H1Blocks;
        ArrayView<Float4> row = weights.SubView(tapRow * Shape1989.KernelSize * blocks);
        Add(row[0], image.Under0, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[blocks], image.Under1, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[2 * blocks], image.Under2, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[3 * blocks], image.Under3, ref sums0, ref sums1, ref sums2, ref sums3);
        Add(row[4 * blocks], image.Under4, ref sums0, ref sums1, ref sums2, ref sums3);
    }

    /// <summary>One tap of four maps over the eight units of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        Float4 weights, Float8 under, ref Float8 sums0, ref Float8 sums1, ref Float8 sums2, ref Float8 sums3)
    {
        sums0 = under.TimesPlus(weights.C0, sums0);
        sums1 = under.TimesPlus(weights.C1, sums1);
        sums2 = under.TimesPlus(weights.C2, sums2);
        sums3 = under.TimesPlus(weights.C3, sums3);
    }
}
