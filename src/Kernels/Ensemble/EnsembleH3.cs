using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// H3 of a member: H2 in, (H3Units) out. The readable twins are <see cref="H3Kernels"/> and
/// <see cref="DenseWeightKernels"/>.
/// </summary>
internal static class EnsembleH3
{
    // Weights that a thread reads before it writes any: a write holds back the reads behind it.
    private const int Together = 5;

    /// <summary>
    /// The weighted sums, in eight parts. A thread: a unit, over an eighth of H2. A warp reads neighbouring weights, and all
    /// of its threads the same unit of H2.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ForwardParts(EnsembleMemory memory)
    {
        int lanes = EnsembleLayout.H3Lanes;
        int inputs = Layout.H2Units / EnsembleLayout.H3Parts;
        for (int task = Group.IdxX; task < lanes * EnsembleLayout.H3Parts; task += EnsembleKernels.Threads)
        {
            int unit = task.Modulo(lanes);
            int first = task.Over(lanes) * inputs;
            if (unit < Shape1989.H3Units)
            {
                float sum = 0f;
                for (int input = first; input < first + inputs; input++)
                {
                    sum += memory.Values[EnsembleLayout.H2 + input]
                        * memory.Values[Layout.H3w + input * Shape1989.H3Units + unit];
                }

                memory.Values[EnsembleLayout.Parts + task] = sum;
            }
        }
    }

    /// <summary>H3 = activation(bias + the eight parts). A thread: a unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<THidden>(EnsembleMemory memory)
        where THidden : struct, IActivation
    {
        for (int unit = Group.IdxX; unit < Shape1989.H3Units; unit += EnsembleKernels.Threads)
        {
            float sum = memory.Values[Layout.H3b + unit];
            for (int part = 0; part < EnsembleLayout.H3Parts; part++)
            {
                sum += memory.Values[EnsembleLayout.Parts + part * EnsembleLayout.H3Lanes + unit];
            }

            memory.Values[EnsembleLayout.H3 + unit] = THidden.Apply(sum);
        }
    }

    /// <summary>
    /// From H3's deltas to H2's, over H2, and the step of weights and biases. A thread: a unit of H2 and all the weights that
    /// lead away from it, each of which does its part in the unit's delta before it moves.
    /// </summary>
    /// <remarks>
    /// Units of H2 have their weights 30 floats apart, so that units 16 apart meet in a bank; every other sixteen of them
    /// therefore begin in the middle, 15 floats further on.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TRule>(EnsembleMemory memory, in EnsembleStep step)
        where TRule : struct, IEnsembleRule
    {
        for (int input = Group.IdxX; input < Layout.H2Units; input += EnsembleKernels.Threads)
        {
            float h2 = memory.Values[EnsembleLayout.H2 + input];
            float sum = 0f;
            int unit = input.Over(16).Modulo(2) * (Shape1989.H3Units / 2);
            for (int block = 0; block < Shape1989.H3Units / Together; block++)
            {
                int first = Layout.H3w + input * Shape1989.H3Units + unit;
                Taps5 weights = Taps5.Load(memory.Values, first);
                Taps5 deltas = Taps5.Load(memory.Values, EnsembleLayout.H3 + unit);
                sum = weights.DotPlus(deltas, sum);
                int slot = Layout.H3w + unit * Layout.H2Units + input;
                memory.Move<TRule>(first, weights, deltas.Times(h2), slot, Layout.H2Units, step);
                unit += Together;
                unit = unit < Shape1989.H3Units ? unit : 0;
            }

            memory.Values[EnsembleLayout.H2 + input] =
                sum * memory.Values[EnsembleLayout.H2Derivatives + input];
        }

        for (int unit = Group.IdxX; unit < Shape1989.H3Units; unit += EnsembleKernels.Threads)
        {
            memory.Move<TRule>(Layout.H3b + unit, memory.Values[EnsembleLayout.H3 + unit], step);
        }
    }
}
