using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H3 of a tile: H2 in, (Examples, float4s of units) out. The readable twins are <see cref="H3Kernels"/> and
/// <see cref="DenseWeightKernels"/>.
/// </summary>
internal static class TileH3
{
    // Examples that a thread works on at once: each weight it loads serves as many.
    private const int Together = 4;

    // Units of H2 of which a thread sums the gradients of the weights to four units of H3.
    private const int InputsOfThread = 8;

    /// <summary>The weighted sums, in parts. A thread: four units, four examples, a part of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardParts(int thread, FusedBatch batch, ArrayView<Float4> float4s)
    {
        const int Parts = Tile.H3Parts;
        int partRows = Shape1989.H2Maps * Shape1989.H2Size / Parts;
        int tasks = Tile.H3Blocks * Parts * (Tile.Examples / Together);
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int block = task.Modulo(Tile.H3Blocks);
            int part = task.Over(Tile.H3Blocks).Modulo(Parts);
            int place = task.Over(Tile.H3Blocks * Parts) * Together;
            Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            ArrayView<Float4> weights = batch.Weights.SubView(
                FusedLayout.H3w + part * partRows * 4 * Tile.H3Blocks + block);
            ArrayView<Float4> h2 = float4s.SubView(Tile.H2 + place * Tile.H2Float4s + part * partRows);
            for (int row = 0; row < partRows; row += 2)
            {
                // Two rows' weights are asked for together: each wait serves both.
                ArrayView<Float4> pair = weights.SubView(row * 4 * Tile.H3Blocks);
                FourRows upper = FourRows.Load(pair, 0, Tile.H3Blocks);
                FourRows lower = FourRows.Load(pair, 4 * Tile.H3Blocks, Tile.H3Blocks);
                Add(ref sums0, h2[row], upper);
                Add(ref sums1, h2[row + Tile.H2Float4s], upper);
                Add(ref sums2, h2[row + 2 * Tile.H2Float4s], upper);
                Add(ref sums3, h2[row + 3 * Tile.H2Float4s], upper);
                Add(ref sums0, h2[row + 1], lower);
                Add(ref sums1, h2[row + 1 + Tile.H2Float4s], lower);
                Add(ref sums2, h2[row + 1 + 2 * Tile.H2Float4s], lower);
                Add(ref sums3, h2[row + 1 + 3 * Tile.H2Float4s], lower);
            }

            float4s[Tile.H3Part(part, place, block)] = sums0;
            float4s[Tile.H3Part(part, place + 1, block)] = sums1;
            float4s[Tile.H3Part(part, place + 2, block)] = sums2;
            float4s[Tile.H3Part(part, place + 3, block)] = sums3;
        }
    }

    /// <summary>H3 = activation(bias + the parts). A thread: four units of an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(int thread, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        int blocks = Tile.H3Blocks;
        for (int task = thread; task < blocks * Tile.Examples; task += FusedKernels.Threads)
        {
            int block = task.Modulo(blocks);
            int place = task.Over(blocks);
            Float4 sums = batch.Weights[FusedLayout.H3b + block];
            for (int part = 0; part < Tile.H3Parts; part++)
            {
                sums = sums.Plus(float4s[Tile.H3Part(part, place, block)]);
            }

            // Where only this thread has read.
            float4s[Tile.H3Place(place, block)] = sums.Applied<THidden>();
        }
    }

    /// <summary>The gradient of the biases. A thread: four units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases(int thread, int threads, ArrayView<Float4> float4s, GradientShare share)
    {
        for (int block = thread; block < Tile.H3Blocks; block += threads)
        {
            share.Add(FusedLayout.H3b + block, TileSums.OfH3(float4s, block));
        }
    }

    /// <summary>The gradient of the weights. A thread: eight units of H2 times four of H3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights(int thread, ArrayView<Float4> float4s, GradientShare share)
    {
        int blocks = Tile.H3Blocks;
        int tasks = Layout.H2Units / InputsOfThread * blocks;
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int block = task.Modulo(blocks);
            int row = task.Over(blocks) * 2;
            Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            Float4 sums4 = default, sums5 = default, sums6 = default, sums7 = default;
            for (int place = 0; place < Tile.Examples; place++)
            {
                Float4 deltas = float4s[Tile.H3Place(place, block)];
                ArrayView<Float4> h2 = float4s.SubView(Tile.H2 + place * Tile.H2Float4s + row);
                Float4 left = h2[0];
                Float4 right = h2[1];
                sums0 = deltas.TimesPlus(left.C0, sums0);
                sums1 = deltas.TimesPlus(left.C1, sums1);
                sums2 = deltas.TimesPlus(left.C2, sums2);
                sums3 = deltas.TimesPlus(left.C3, sums3);
                sums4 = deltas.TimesPlus(right.C0, sums4);
                sums5 = deltas.TimesPlus(right.C1, sums5);
                sums6 = deltas.TimesPlus(right.C2, sums6);
                sums7 = deltas.TimesPlus(right.C3, sums7);
            }

            GradientShare weights = share.From(FusedLayout.H3w + row * 4 * blocks + block);
            Float4 before0 = weights.Before(0);
            Float4 before1 = weights.Before(blocks);
            Float4 before2 = weights.Before(2 * blocks);
            Float4 before3 = weights.Before(3 * blocks);
            Float4 before4 = weights.Before(4 * blocks);
            Float4 before5 = weights.Before(5 * blocks);
            Float4 before6 = weights.Before(6 * blocks);
            Float4 before7 = weights.Before(7 * blocks);
            weights.Leave(0, before0.Plus(sums0));
            weights.Leave(blocks, before1.Plus(sums1));
            weights.Leave(2 * blocks, before2.Plus(sums2));
            weights.Leave(3 * blocks, before3.Plus(sums3));
            weights.Leave(4 * blocks, before4.Plus(sums4));
            weights.Leave(5 * blocks, before5.Plus(sums5));
            weights.Leave(6 * blocks, before6.Plus(sums6));
            weights.Leave(7 * blocks, before7.Plus(sums7));
        }
    }

    /// <summary>From H3's deltas to H2's, through dropout, over H2. A thread: a row of a map of four examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(
        int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        Perturbation perturbation = batch.Perturbation;
        int rows = Shape1989.H2Maps * Shape1989.H2Size;
        int tasks = rows * (Tile.Examples / Together);
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int row = task.Modulo(rows);
            int place = task.Over(rows) * Together;
            Float4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            ArrayView<Float4> weights = batch.Weights.SubView(FusedLayout.H3wBack + row);
            for (int block = 0; block < Tile.H3Blocks; block += 2)
            {
                // Two blocks' weights are asked for together: each wait serves both.
                ArrayView<Float4> pair = weights.SubView(block * 4 * rows);
                FourRows units = FourRows.Load(pair, 0, rows);
                FourRows next = FourRows.Load(pair, 4 * rows, rows);
                Add(ref sums0, float4s[Tile.H3Place(place, block)], units);
                Add(ref sums1, float4s[Tile.H3Place(place + 1, block)], units);
                Add(ref sums2, float4s[Tile.H3Place(place + 2, block)], units);
                Add(ref sums3, float4s[Tile.H3Place(place + 3, block)], units);
                Add(ref sums0, float4s[Tile.H3Place(place, block + 1)], next);
                Add(ref sums1, float4s[Tile.H3Place(place + 1, block + 1)], next);
                Add(ref sums2, float4s[Tile.H3Place(place + 2, block + 1)], next);
                Add(ref sums3, float4s[Tile.H3Place(place + 3, block + 1)], next);
            }

            StoreDeltas<THidden>(batch, start, perturbation, float4s, place, row, sums0);
            StoreDeltas<THidden>(batch, start, perturbation, float4s, place + 1, row, sums1);
            StoreDeltas<THidden>(batch, start, perturbation, float4s, place + 2, row, sums2);
            StoreDeltas<THidden>(batch, start, perturbation, float4s, place + 3, row, sums3);
        }
    }

    /// <summary>What four units add to the sums of four others, each through the weights that lead away from it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Float4 sums, Float4 units, FourRows weights) =>
        sums = weights.Map3.TimesPlus(
            units.C3, weights.Map2.TimesPlus(units.C2, weights.Map1.TimesPlus(units.C1, weights.Map0.TimesPlus(units.C0, sums))));

    /// <summary>
    /// Times the slopes of the units that the deltas replace. Those lie here as dropout has left them, 0 or enlarged, so
    /// that what it has enlarged is made smaller again before its slope is taken.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDeltas<THidden>(
        FusedBatch batch, int start, Perturbation perturbation, ArrayView<Float4> float4s, int place, int row, Float4 sums)
        where THidden : struct, IActivation
    {
        int unit = Tile.H2 + place * Tile.H2Float4s + row;
        Float4 h2 = float4s[unit];
        if (perturbation.Drops)
        {
            float original = 1f / perturbation.KeptScale;
            h2 = h2.TimesPlus(original, default);
            sums = sums.Times(Float4.KeepFactors(perturbation, batch.First + start + place, row));
        }

        float4s[unit] = sums.Times(h2.Derivatives<THidden>());
    }
}
