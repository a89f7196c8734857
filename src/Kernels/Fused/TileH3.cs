using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// H3 of a tile: H2 in, (Examples, quads of units) out. The readable twins are <see cref="H3Kernels"/> and
/// <see cref="DenseWeightKernels"/>.
/// </summary>
internal static class TileH3
{
    // Examples that a thread works on at once: each weight it loads serves as many.
    private const int Together = 4;

    // Units of H2 of which a thread sums the gradients of the weights to four units of H3.
    private const int InputsOfThread = 8;

    /// <summary>The weighted sums, in four parts. A thread: four units, four examples, a quarter of H2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardParts<TShape>(FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
    {
        const int Parts = Tile<TShape>.H3Parts;
        int partRows = TShape.H2Maps * Shape1989.H2Size / Parts;
        int tasks = Tile<TShape>.H3Blocks * Parts * (Tile<TShape>.Examples / Together);
        for (int task = FusedKernels.ThreadFromThirdWarp; task < tasks; task += FusedKernels.Threads)
        {
            int block = task % Tile<TShape>.H3Blocks;
            int part = task / Tile<TShape>.H3Blocks % Parts;
            int place = task / (Tile<TShape>.H3Blocks * Parts) * Together;
            Columns4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            for (int row = part * partRows; row < (part + 1) * partRows; row++)
            {
                int weights = Packing<TShape>.H3w + row * 4 * Tile<TShape>.H3Blocks + block;
                Columns4 weights0 = batch.Weights[weights];
                Columns4 weights1 = batch.Weights[weights + Tile<TShape>.H3Blocks];
                Columns4 weights2 = batch.Weights[weights + 2 * Tile<TShape>.H3Blocks];
                Columns4 weights3 = batch.Weights[weights + 3 * Tile<TShape>.H3Blocks];
                int h2 = Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + row;
                Add(ref sums0, quads[h2], weights0, weights1, weights2, weights3);
                Add(ref sums1, quads[h2 + Tile<TShape>.H2Quads], weights0, weights1, weights2, weights3);
                Add(ref sums2, quads[h2 + 2 * Tile<TShape>.H2Quads], weights0, weights1, weights2, weights3);
                Add(ref sums3, quads[h2 + 3 * Tile<TShape>.H2Quads], weights0, weights1, weights2, weights3);
            }

            quads[Tile<TShape>.H3Part(part, place, block)] = sums0;
            quads[Tile<TShape>.H3Part(part, place + 1, block)] = sums1;
            quads[Tile<TShape>.H3Part(part, place + 2, block)] = sums2;
            quads[Tile<TShape>.H3Part(part, place + 3, block)] = sums3;
        }
    }

    /// <summary>H3 = activation(bias + the four parts). A thread: four units of an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, THidden>(FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int blocks = Tile<TShape>.H3Blocks;
        for (int task = Group.IdxX; task < blocks * Tile<TShape>.Examples; task += FusedKernels.Threads)
        {
            int block = task % blocks;
            int place = task / blocks;
            Columns4 sums = new()
            {
                C0 = Bias<TShape>(batch, block * 4),
                C1 = Bias<TShape>(batch, block * 4 + 1),
                C2 = Bias<TShape>(batch, block * 4 + 2),
                C3 = Bias<TShape>(batch, block * 4 + 3),
            };
            for (int part = 0; part < Tile<TShape>.H3Parts; part++)
            {
                sums = sums.Plus(quads[Tile<TShape>.H3Part(part, place, block)]);
            }

            // Where only this thread has read.
            quads[Tile<TShape>.H3Place(place, block)] = sums.Applied<THidden>();
        }
    }

    /// <summary>The gradient of the biases. A thread: four units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardBiases<TShape>(ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        for (int block = Group.IdxX; block < Tile<TShape>.H3Blocks; block += FusedKernels.Threads)
        {
            Columns4 sums = quads[Tile<TShape>.H3Place(0, block)];
            for (int place = 1; place < Tile<TShape>.Examples; place++)
            {
                sums = sums.Plus(quads[Tile<TShape>.H3Place(place, block)]);
            }

            share.Add(Packing<TShape>.H3b + block, sums);
        }
    }

    /// <summary>The gradient of the weights. A thread: eight units of H2 times four of H3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TShape>(ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int blocks = Tile<TShape>.H3Blocks;
        int tasks = Layout<TShape>.H2Units / InputsOfThread * blocks;
        for (int task = FusedKernels.ThreadFromThirdWarp; task < tasks; task += FusedKernels.Threads)
        {
            int block = task % blocks;
            int row = task / blocks * 2;
            Columns4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            Columns4 sums4 = default, sums5 = default, sums6 = default, sums7 = default;
            for (int place = 0; place < Tile<TShape>.Examples; place++)
            {
                Columns4 deltas = quads[Tile<TShape>.H3Place(place, block)];
                Columns4 left = quads[Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + row];
                Columns4 right = quads[Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + row + 1];
                sums0 = deltas.TimesPlus(left.C0, sums0);
                sums1 = deltas.TimesPlus(left.C1, sums1);
                sums2 = deltas.TimesPlus(left.C2, sums2);
                sums3 = deltas.TimesPlus(left.C3, sums3);
                sums4 = deltas.TimesPlus(right.C0, sums4);
                sums5 = deltas.TimesPlus(right.C1, sums5);
                sums6 = deltas.TimesPlus(right.C2, sums6);
                sums7 = deltas.TimesPlus(right.C3, sums7);
            }

            int weights = Packing<TShape>.H3w + row * 4 * blocks + block;
            share.Add(weights, sums0);
            share.Add(weights + blocks, sums1);
            share.Add(weights + 2 * blocks, sums2);
            share.Add(weights + 3 * blocks, sums3);
            share.Add(weights + 4 * blocks, sums4);
            share.Add(weights + 5 * blocks, sums5);
            share.Add(weights + 6 * blocks, sums6);
            share.Add(weights + 7 * blocks, sums7);
        }
    }

    /// <summary>From H3's deltas to H2's, through dropout, over H2. A thread: a row of a map of four examples.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<TShape, THidden>(
        FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int rows = TShape.H2Maps * Shape1989.H2Size;
        int tasks = rows * (Tile<TShape>.Examples / Together);
        for (int task = FusedKernels.ThreadFromThirdWarp; task < tasks; task += FusedKernels.Threads)
        {
            int row = task % rows;
            int place = task / rows * Together;
            Columns4 sums0 = default, sums1 = default, sums2 = default, sums3 = default;
            for (int block = 0; block < Tile<TShape>.H3Blocks; block++)
            {
                int weights = Packing<TShape>.H3wBack + block * 4 * rows + row;
                Columns4 weights0 = batch.Weights[weights];
                Columns4 weights1 = batch.Weights[weights + rows];
                Columns4 weights2 = batch.Weights[weights + 2 * rows];
                Columns4 weights3 = batch.Weights[weights + 3 * rows];
                Add(ref sums0, quads[Tile<TShape>.H3Place(place, block)], weights0, weights1, weights2, weights3);
                Add(ref sums1, quads[Tile<TShape>.H3Place(place + 1, block)], weights0, weights1, weights2, weights3);
                Add(ref sums2, quads[Tile<TShape>.H3Place(place + 2, block)], weights0, weights1, weights2, weights3);
                Add(ref sums3, quads[Tile<TShape>.H3Place(place + 3, block)], weights0, weights1, weights2, weights3);
            }

            StoreDeltas<TShape, THidden>(batch, start, noise, quads, place, row, sums0);
            StoreDeltas<TShape, THidden>(batch, start, noise, quads, place + 1, row, sums1);
            StoreDeltas<TShape, THidden>(batch, start, noise, quads, place + 2, row, sums2);
            StoreDeltas<TShape, THidden>(batch, start, noise, quads, place + 3, row, sums3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Bias<TShape>(FusedBatch batch, int unit)
        where TShape : struct, IShape =>
        unit < TShape.H3Units ? batch.Parameters[Layout<TShape>.H3b + unit] : 0f;

    /// <summary>What four units add to the sums of four others, each through the weights to the four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        ref Columns4 sums, Columns4 units, Columns4 weights0, Columns4 weights1, Columns4 weights2, Columns4 weights3) =>
        sums = weights3.TimesPlus(
            units.C3, weights2.TimesPlus(units.C2, weights1.TimesPlus(units.C1, weights0.TimesPlus(units.C0, sums))));

    /// <summary>
    /// Times the slopes of the units that the deltas replace. Those lie here as dropout has left them, 0 or enlarged, so
    /// that what it has enlarged is made smaller again before its slope is taken.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreDeltas<TShape, THidden>(
        FusedBatch batch, int start, Noise noise, ArrayView<Columns4> quads, int place, int row, Columns4 sums)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int unit = Tile<TShape>.H2 + place * Tile<TShape>.H2Quads + row;
        Columns4 h2 = quads[unit];
        if (noise.Drops)
        {
            float original = 1f / noise.KeptScale;
            h2 = h2.TimesPlus(original, default);
            noise.KeepFactors(
                batch.First + start + place, row,
                out float factor0, out float factor1, out float factor2, out float factor3);
            sums.C0 *= factor0;
            sums.C1 *= factor1;
            sums.C2 *= factor2;
            sums.C3 *= factor3;
        }

        quads[unit] = sums.Times(h2.Slopes<THidden>());
    }
}
