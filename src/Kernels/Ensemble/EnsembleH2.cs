using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// H2 of a member: H1 in, (H2Maps, 4 rows) float4s out, after dropout. The readable twin is <see cref="H2Kernels"/>.
/// </summary>
internal static class EnsembleH2
{
    private const int GroupMaps = H2Connections.GroupMaps;
    private const int RowPairs = Shape1989.H1Size / 2;

    /// <summary>
    /// The weighted sums, in five parts. A thread: a row of a map, through one row of each of its kernels. Sixteen
    /// neighbouring threads are the rows of a group's four maps, which read the same rows of H1; with the next sixteen, a
    /// kernel row further, they read weights from eight banks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardParts(EnsembleMemory memory)
    {
        int tasks = Shape1989.H2Maps * Shape1989.H2Size * Shape1989.KernelSize;
        for (int task = Group.IdxX; task < tasks; task += EnsembleKernels.Threads)
        {
            int row = task.Modulo(Shape1989.H2Size);
            int tapRow = task.Over(Shape1989.H2Size * GroupMaps).Modulo(Shape1989.KernelSize);
            int group = task.Over(Shape1989.H2Size * GroupMaps * Shape1989.KernelSize);
            int map = group * GroupMaps + task.Over(Shape1989.H2Size).Modulo(GroupMaps);
            int weights = Layout.H2w + map * Shape1989.H2Sources * Shape1989.KernelTaps
                + tapRow * Shape1989.KernelSize;
            Float4 sums = default;
            for (int source = 0; source < Shape1989.H2Sources; source++)
            {
                Float8 h1 = EnsembleH1.Row(
                    memory, memory.Source(group, source), row * 2 + tapRow - Shape1989.Padding);
                H2Kernels.Add(ref sums, Taps5.Load(memory.Values, weights + source * Shape1989.KernelTaps), h1);
            }

            memory.Float4s[(EnsembleLayout.Parts + tapRow * Layout.H2Units) / 4
                + map * Shape1989.H2Size + row] = sums;
        }
    }

    /// <summary>
    /// H2 = activation(bias + the five parts), what dropout keeps of it, and the slope that its delta will need. A thread:
    /// a unit.
    /// </summary>
    /// <param name="memory">The group's memory.</param>
    /// <param name="place">The example's place in the training set, for the perturbation.</param>
    /// <param name="perturbation">What is dropped.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(EnsembleMemory memory, int place, Perturbation perturbation)
        where THidden : struct, IActivation
    {
        for (int unit = Group.IdxX; unit < Layout.H2Units; unit += EnsembleKernels.Threads)
        {
            float sum = memory.Values[Layout.H2b + unit];
            for (int part = 0; part < EnsembleLayout.H2Parts; part++)
            {
                sum += memory.Values[EnsembleLayout.Parts + part * Layout.H2Units + unit];
            }

            float h2 = THidden.Apply(sum);
            float slope = THidden.Derivative(h2);
            if (perturbation.Drops)
            {
                // Four threads draw the same four factors and take one each: cheaper than to pass them on.
                perturbation.KeepFactors(
                    place, unit.Over(4), out float factor0, out float factor1, out float factor2, out float factor3);
                float even = unit.Modulo(4) == 0 ? factor0 : factor2;
                float odd = unit.Modulo(4) == 1 ? factor1 : factor3;
                float factor = unit.Modulo(2) == 0 ? even : odd;
                h2 *= factor;
                slope *= factor;
            }

            memory.Values[EnsembleLayout.H2 + unit] = h2;
            memory.Values[EnsembleLayout.H2Derivatives + unit] = slope;
        }
    }

    /// <summary>
    /// From H2's deltas to H1's. A thread: two rows of a map of H1, and what one of the four maps of each group that reads
    /// it has to add; the four threads of a pair of rows add in turn, which takes three barriers. Of two neighbouring rows,
    /// the even one lies under kernel rows 0, 2 and 4 of three rows of H2, the odd one under 1 and 3 of two. A warp reads the
    /// weights of eight sources of one map of H2, which lie in eight banks.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(EnsembleMemory memory, int readersOfMap)
        where THidden : struct, IActivation
    {
        // As many threads as there are, and no second round: sums stay in registers across the barriers.
        int tiles = Shape1989.H1Maps * RowPairs;
        int turnOfThread = Group.IdxX.Over(tiles);
        int rowPair = Group.IdxX.Modulo(RowPairs);
        int h1Map = Group.IdxX.Modulo(tiles).Over(RowPairs);
        Float8 even = default;
        Float8 odd = default;
        if (turnOfThread < GroupMaps)
        {
            for (int reader = 0; reader < readersOfMap; reader++)
            {
                int list = memory.Reader(h1Map * readersOfMap + reader);
                if (list < 0)
                {
                    continue;
                }

                int map = list.Over(Shape1989.H2Sources) * GroupMaps + turnOfThread;
                int weights = Layout.H2w
                    + (map * Shape1989.H2Sources + list.Modulo(Shape1989.H2Sources)) * Shape1989.KernelTaps;
                int deltas = EnsembleLayout.H2 / 4 + map * Shape1989.H2Size + rowPair;
                if (rowPair + 1 < Shape1989.H2Size)
                {
                    Float4 below = memory.Float4s[deltas + 1];
                    H2Kernels.AddGradient(ref even, Taps5.Load(memory.Values, weights), below);
                    H2Kernels.AddGradient(ref odd, Taps5.Load(memory.Values, weights + 5), below);
                }

                Float4 level = memory.Float4s[deltas];
                H2Kernels.AddGradient(ref even, Taps5.Load(memory.Values, weights + 10), level);
                H2Kernels.AddGradient(ref odd, Taps5.Load(memory.Values, weights + 15), level);
                if (rowPair > 0)
                {
                    Float4 above = memory.Float4s[deltas - 1];
                    H2Kernels.AddGradient(ref even, Taps5.Load(memory.Values, weights + 20), above);
                }
            }
        }

        for (int turn = 0; turn < GroupMaps; turn++)
        {
            if (turn > 0)
            {
                Group.Barrier();
            }

            if (turn == turnOfThread)
            {
                Add<THidden>(memory, turn, h1Map, rowPair * 2, even);
                Add<THidden>(memory, turn, h1Map, rowPair * 2 + 1, odd);
            }
        }
    }

    /// <summary>
    /// The step of the weights, whose gradient is a delta times the unit of H1 under the tap, and of the biases. A thread: a
    /// source's kernel row of two maps. Eight neighbouring threads are a map's eight sources: they read the same deltas, and
    /// H1 from eight different sets of banks if the sources are neighbours.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardWeights<TRule>(EnsembleMemory memory, in EnsembleStep step)
        where TRule : struct, IEnsembleRule
    {
        int mapWeights = Shape1989.H2Sources * Shape1989.KernelTaps;
        int tasks = Shape1989.H2Maps / 2 * Shape1989.H2Sources * Shape1989.KernelSize;
        for (int task = Group.IdxX; task < tasks; task += EnsembleKernels.Threads)
        {
            int source = task.Modulo(Shape1989.H2Sources);
            int tapRow = task.Over(Shape1989.H2Sources).Modulo(Shape1989.KernelSize);
            int map = task.Over(Shape1989.H2Sources * Shape1989.KernelSize) * 2;
            int h1Map = memory.Source(map.Over(GroupMaps), source);
            Taps5 gradients0 = default, gradients1 = default;
            for (int row = 0; row < Shape1989.H2Size; row++)
            {
                Float8 h1 = EnsembleH1.Row(memory, h1Map, row * 2 + tapRow - Shape1989.Padding);
                int deltas = EnsembleLayout.H2 / 4 + map * Shape1989.H2Size + row;
                H2Kernels.AddGradient<PaddingBorder>(ref gradients0, memory.Float4s[deltas], h1);
                H2Kernels.AddGradient<PaddingBorder>(ref gradients1, memory.Float4s[deltas + Shape1989.H2Size], h1);
            }

            int weights = Layout.H2w + map * mapWeights + source * Shape1989.KernelTaps
                + tapRow * Shape1989.KernelSize;
            Taps5 weights0 = Taps5.Load(memory.Values, weights);
            Taps5 weights1 = Taps5.Load(memory.Values, weights + mapWeights);
            int slot = Layout.H2w + task;
            memory.Move<TRule>(weights, weights0, gradients0, slot, tasks, step);
            memory.Move<TRule>(
                weights + mapWeights, weights1, gradients1, slot + Shape1989.KernelSize * tasks, tasks, step);
        }

        for (int unit = Group.IdxX; unit < Layout.H2Units; unit += EnsembleKernels.Threads)
        {
            memory.Move<TRule>(Layout.H2b + unit, memory.Values[EnsembleLayout.H2 + unit], step);
        }
    }

    /// <summary>Adds a turn's share to what a row of H1's deltas is made of; the last one's makes it the deltas.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<THidden>(EnsembleMemory memory, int turn, int h1Map, int row, Float8 sums)
        where THidden : struct, IActivation
    {
        if (turn > 0)
        {
            sums = sums.Plus(EnsembleH1.Load(memory, EnsembleLayout.Parts, h1Map, row));
        }

        if (turn == GroupMaps - 1)
        {
            sums = sums.Times(
                EnsembleH1.Load(memory, EnsembleLayout.H1, h1Map, row).Derivatives<THidden>());
        }

        EnsembleH1.StoreDeltas(memory, h1Map, row, sums);
    }
}
