using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// A training step in two launches. Activations and deltas never leave the chip: a group of threads takes eight examples
/// through forward pass, loss and backward pass in its shared memory, tile after tile, and leaves one share of the
/// gradient; the second launch adds the shares up and moves the parameters. The same mathematics as the kernels of
/// <c>Layers</c>, which are the readable form and what these are checked against; sums run in another order.
/// </summary>
/// <remarks>
/// Written for the widths of 1989 alone, though generic in them as all kernels are: a stage's work is cut for 192 threads, twelve
/// maps, eight sources and 30 units. Another shape needs other cuts.
/// </remarks>
internal static class FusedKernels
{
    /// <summary>Threads of a group of <see cref="Gradient"/>: as many as most of a tile's stages have work for.</summary>
    public const int Threads = 192;

    /// <summary>
    /// Groups of <see cref="Gradient"/> that a multiprocessor should have registers for at once, so that others compute while
    /// one waits: 80 a thread.
    /// </summary>
    public const int GroupsOfMultiprocessor = 4;

    /// <summary>Threads of a group of <see cref="Update"/>, a power of 2.</summary>
    public const int UpdateThreads = 256;

    /// <summary>Threads of a group of <see cref="Update"/> for each share that is read at once: eight float4s.</summary>
    public const int UpdateFloat4s = 8;

    /// <summary>
    /// Groups to launch for so many examples. Of less than two tiles for each group that is there at once, half of those take two
    /// and the others one, so that a multiprocessor gets the next group as it is done with one, and all are done at about the
    /// same time; a group for every tile would leave more shares of the gradient to add up. Of more tiles, each group takes as
    /// many as another, or one more.
    /// </summary>
    /// <param name="examples">The examples.</param>
    /// <param name="multiprocessors">The device's multiprocessors.</param>
    public static int Groups(int examples, int multiprocessors)
    {
        int tiles = Tile.Of(examples);
        int atOnce = GroupsOfMultiprocessor * multiprocessors;
        return tiles <= atOnce ? tiles
            : tiles < 2 * atOnce ? Math.Max(atOnce, tiles - atOnce / 2)
            : atOnce;
    }

    /// <summary>Each group's share of the gradient of a batch. Grid: groups, of <see cref="Threads"/> threads.</summary>
    /// <param name="network">The digits, the network, and where the shares go.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public static void Gradient<THidden, TOutput, TLoss, TBoundary>(
        FusedNetwork network, ArrayView<PlannedStep> plans, int index)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
        where TBoundary : struct, IStageBoundary
    {
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(Tile.Float4s);
        Tile.WriteBorder(float4s);
        int thread = Group.IdxX;
        FusedBatch batch = new(network, plans, index);
        int step = Grid.DimX * Tile.Examples;
        for (int start = Grid.IdxX * Tile.Examples; start < batch.Count; start += step)
        {
            GradientShare share = new(
                network.Gradients.SubView(Grid.IdxX * FusedLayout.Float4s, FusedLayout.Float4s), start < step);
            Forward<THidden, TOutput>(thread, batch, start, float4s);
            TileOutput.Backward<TOutput, TLoss>(thread, batch, start, float4s);
            Group.Barrier();
            TileOutput.BackwardParameters(thread, Threads, float4s, share);
            Group.Barrier();
            TileOutput.BackwardInput<THidden>(thread, Threads, batch, float4s);
            Group.Barrier();
            TileH3.BackwardBiases(thread, Threads, float4s, share);
            TBoundary.Between();
            TileH3.BackwardWeights(thread, float4s, share);
            Group.Barrier();
            TileH3.BackwardInput<THidden>(thread, batch, start, float4s);
            Group.Barrier();
            TileH2.BackwardBiases(thread, float4s, share);
            TBoundary.Between();
            TileH2.BackwardWeights(thread, batch, float4s, share);
            Group.Barrier();
            TileH2.BackwardInput<THidden>(thread, batch, float4s);
            Group.Barrier();
            TileH1.BackwardBiases(thread, float4s, share);
            TBoundary.Between();
            TileImages.Load(thread, batch, start, float4s);
            Group.Barrier();
            TileH1.BackwardWeights(thread, float4s, share);
            Group.Barrier();
        }
    }

    /// <summary>
    /// Each group's sums of its examples' losses and misses, without perturbation. Grid: groups, of <see cref="Threads"/>
    /// threads.
    /// </summary>
    /// <param name="network">The digits and the network.</param>
    /// <param name="count">How many digits.</param>
    /// <param name="losses">Each group's summed loss, from <paramref name="firstGroup"/> on.</param>
    /// <param name="misses">Each group's count of misclassified examples, likewise.</param>
    /// <param name="firstGroup">The launch's first group among all of the set's.</param>
    public static void Evaluate<THidden, TOutput, TLoss>(
        FusedNetwork network, int count, ArrayView<float> losses, ArrayView<int> misses, int firstGroup)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(Tile.Float4s);
        Tile.WriteBorder(float4s);
        int thread = Group.IdxX;
        FusedBatch batch = new(network, count);
        float loss = 0f;
        float missed = 0f;
        int step = Grid.DimX * Tile.Examples;
        for (int start = Grid.IdxX * Tile.Examples; start < count; start += step)
        {
            Forward<THidden, TOutput>(thread, batch, start, float4s);
            TileOutput.Evaluate<TLoss>(thread, batch, start, float4s, ref loss, ref missed);
            Group.Barrier();
        }

        StoreSums(float4s, loss, missed, losses, misses, firstGroup);
    }

    /// <summary>
    /// Adds the shares up, in a fixed order, and moves the parameters by the sum. Grid: groups of eight float4s; the threads of
    /// a group, a power of 2 and at least 32, share the shares.
    /// </summary>
    /// <param name="network">The shares, the parameters, and the weights in float4s, which follow them.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    /// <param name="groups">Groups of threads that <see cref="Gradient"/> was launched with.</param>
    /// <param name="state1">The optimizer's first state of all parameters.</param>
    /// <param name="state2">The optimizer's second state of all parameters.</param>
    public static void Update<TRule, TLayout>(
        FusedNetwork network,
        ArrayView<PlannedStep> plans,
        int index,
        int groups,
        ArrayView<float> state1,
        ArrayView<float> state2)
        where TRule : struct, IUpdateRule
        where TLayout : struct, IPackedLayout
    {
        // Asked for now, so that they are there by the time the sums are.
        PackedPlace packed = PlaceOf<TLayout>();
        int place = packed.Parameter;
        float parameter = 0f;
        float first = 0f;
        float second = 0f;
        if (place >= 0)
        {
            parameter = network.Parameters[place];
            first = state1[place];
            second = state2[place];
        }

        float gradient = SumOfShares<TLayout>(network, plans, index, groups);
        if (place >= 0)
        {
            TRule.Update(ref parameter, gradient, ref first, ref second, plans[index].Step.Optimizer);
            network.Parameters[place] = parameter;
            state1[place] = first;
            state2[place] = second;
            network.Weights.Cast<float>()[packed.First] = parameter;
            if (packed.Second >= 0)
            {
                network.Weights.Cast<float>()[packed.Second] = parameter;
            }
        }
    }

    /// <summary>The parameter that a thread of an update moves; none for the most of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PackedPlace PlaceOf<TLayout>()
        where TLayout : struct, IPackedLayout
    {
        int moved = Grid.IdxX * UpdateFloat4s + Group.IdxX.Over(4);
        return Group.IdxX < UpdateFloat4s * 4 && moved < TLayout.Float4s
            ? TLayout.Place(moved, Group.IdxX.Modulo(4))
            : PackedPlace.None;
    }

    /// <summary>Adds the shares up, in a fixed order.</summary>
    /// <param name="network">The shares.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    /// <param name="groups">Groups of threads that <see cref="Gradient"/> was launched with.</param>
    /// <returns>The gradient by the parameter of <see cref="PlaceOf"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumOfShares<TLayout>(FusedNetwork network, ArrayView<PlannedStep> plans, int index, int groups)
        where TLayout : struct, IPackedLayout
    {
        ArrayView<Float4> float4s = SharedMemory.Allocate<Float4>(UpdateThreads);
        int float4 = Grid.IdxX * UpdateFloat4s + Group.IdxX.Modulo(UpdateFloat4s);
        int shares = Math.Min(groups, Tile.Of(plans[index].Step.Count));
        int next = Group.DimX.Over(UpdateFloat4s);
        Float4 sums = default;
        if (float4 < TLayout.Float4s)
        {
            ArrayView<Float4> ofFloat4 = network.Gradients.SubView(float4);
            int share = Group.IdxX.Over(UpdateFloat4s);
            for (; share + 3 * next < shares; share += 4 * next)
            {
                Float4 one = ofFloat4[share * TLayout.Float4s];
                Float4 two = ofFloat4[(share + next) * TLayout.Float4s];
                Float4 three = ofFloat4[(share + 2 * next) * TLayout.Float4s];
                Float4 four = ofFloat4[(share + 3 * next) * TLayout.Float4s];
                sums = sums.Plus(one.Plus(two).Plus(three.Plus(four)));
            }

            for (; share < shares; share += next)
            {
                sums = sums.Plus(ofFloat4[share * TLayout.Float4s]);
            }
        }

        float4s[Group.IdxX] = sums;
        Group.Barrier();
        for (int half = Group.DimX / 2; half >= UpdateFloat4s; half /= 2)
        {
            if (Group.IdxX < half)
            {
                sums = sums.Plus(float4s[Group.IdxX + half]);
                float4s[Group.IdxX] = sums;
            }

            Group.Barrier();
        }

        return float4s.Cast<float>()[Group.IdxX];
    }

    /// <summary>Adds up what the threads have of an evaluation, in the tile's memory, and writes it.</summary>
    /// <param name="float4s">The tile's memory, which is needed no more.</param>
    /// <param name="loss">The thread's summed loss.</param>
    /// <param name="missed">The thread's count of misclassified examples.</param>
    /// <param name="losses">Each group's summed loss, from <paramref name="firstGroup"/> on.</param>
    /// <param name="misses">Each group's count of misclassified examples, likewise.</param>
    /// <param name="firstGroup">The launch's first group among all of the set's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreSums(
        ArrayView<Float4> float4s, float loss, float missed, ArrayView<float> losses, ArrayView<int> misses, int firstGroup)
    {
        int thread = Group.IdxX;
        ArrayView<float> memory = float4s.Cast<float>();
        if (thread < Tile.Examples)
        {
            memory[thread] = loss;
            memory[Tile.Examples + thread] = missed;
        }

        Group.Barrier();
        if (thread == 0)
        {
            for (int place = 1; place < Tile.Examples; place++)
            {
                loss += memory[place];
                missed += memory[Tile.Examples + place];
            }

            losses[firstGroup + Grid.IdxX] = loss;
            misses[firstGroup + Grid.IdxX] = (int)missed;
        }
    }

    /// <summary>From a tile's images to its outputs, with a barrier behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Forward<THidden, TOutput>(
        int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
    {
        TileImages.Load(thread, batch, start, float4s);
        Group.Barrier();
        TileH1.Forward<THidden>(thread, batch, float4s);
        Group.Barrier();
        TileH2.Forward<THidden>(thread, batch, start, float4s);
        Group.Barrier();
        TileH3.ForwardParts(thread, batch, float4s);
        Group.Barrier();
        TileH3.Forward<THidden>(thread, batch, float4s);
        Group.Barrier();
        TileOutput.Forward<TOutput>(thread, Threads, batch, float4s);
        Group.Barrier();
    }
}
