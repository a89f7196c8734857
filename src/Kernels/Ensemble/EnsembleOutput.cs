using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// The outputs of a member and the loss: H3 in, (10) out. The readable twin is <see cref="OutputKernels"/>. A few threads
/// work and the others wait: there is too little to do for more.
/// </summary>
internal static class EnsembleOutput
{
    /// <summary>Output = activation(bias + H3 * weights). A thread: a digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TOutput>(EnsembleMemory memory)
        where TOutput : struct, IActivation
    {
        for (int digit = Group.IdxX; digit < Layout.Outputs; digit += EnsembleKernels.Threads)
        {
            float sum = memory.Values[Layout.Outb + digit];
            for (int unit = 0; unit < Shape1989.H3Units; unit++)
            {
                sum += memory.Values[EnsembleLayout.H3 + unit]
                    * memory.Values[Layout.Outw + unit * Layout.Outputs + digit];
            }

            memory.Values[EnsembleLayout.Outputs + digit] = TOutput.Apply(sum);
        }
    }

    /// <summary>The outputs' deltas: the loss of this one example. A thread: a digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Delta<TOutput, TLoss>(EnsembleMemory memory, int label, Targets targets)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        // No loop of one round: PoCL 3.1 makes vectors of it, and of the squared error's a wrong one where a step has several examples.
        int digit = Group.IdxX;
        if (digit < Layout.Outputs)
        {
            float largest = Largest(memory, out _);
            float total = Total<TLoss>(memory, largest);
            float output = memory.Values[EnsembleLayout.Outputs + digit];
            float target = digit == label ? targets.Label : targets.Other;
            memory.Values[EnsembleLayout.OutputDeltas + digit] =
                TLoss.Gradient(output, largest, total, target) * TOutput.Derivative(output);
        }
    }

    /// <summary>
    /// From the outputs' deltas to H3's, over H3, and the step of weights and biases. A thread: a unit of H3 and all the
    /// weights that lead away from it, each of which does its part in the unit's delta before it moves.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<THidden, TRule>(EnsembleMemory memory, in EnsembleStep step)
        where THidden : struct, IActivation
        where TRule : struct, IEnsembleRule
    {
        const int Half = Layout.Outputs / 2;
        for (int unit = Group.IdxX; unit < Shape1989.H3Units; unit += EnsembleKernels.Threads)
        {
            float h3 = memory.Values[EnsembleLayout.H3 + unit];
            float sum = 0f;
            for (int digit = 0; digit < Layout.Outputs; digit += Half)
            {
                int first = Layout.Outw + unit * Layout.Outputs + digit;
                Taps5 weights = Taps5.Load(memory.Values, first);
                Taps5 deltas = Taps5.Load(memory.Values, EnsembleLayout.OutputDeltas + digit);
                sum = weights.DotPlus(deltas, sum);
                int slot = Layout.Outw + digit * Shape1989.H3Units + unit;
                memory.Move<TRule>(first, weights, deltas.Times(h3), slot, Shape1989.H3Units, step);
            }

            memory.Values[EnsembleLayout.H3 + unit] = sum * THidden.Derivative(h3);
        }

        for (int digit = Group.IdxX; digit < Layout.Outputs; digit += EnsembleKernels.Threads)
        {
            memory.Move<TRule>(
                Layout.Outb + digit, memory.Values[EnsembleLayout.OutputDeltas + digit], step);
        }
    }

    /// <summary>Adds an example's loss, and whether it is misclassified, to a thread's sums. One thread does it all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate<TLoss>(EnsembleMemory memory, int label, ref float loss, ref int misses)
        where TLoss : struct, ILoss
    {
        float largest = Largest(memory, out int answer);
        float total = Total<TLoss>(memory, largest);
        float sum = 0f;
        for (int digit = 0; digit < Layout.Outputs; digit++)
        {
            sum += TLoss.Term(memory.Values[EnsembleLayout.Outputs + digit], largest, total, digit == label);
        }

        loss += sum;
        misses += answer == label ? 0 : 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest(EnsembleMemory memory, out int answer)
    {
        float largest = memory.Values[EnsembleLayout.Outputs];
        int best = 0;
        for (int digit = 1; digit < Layout.Outputs; digit++)
        {
            float output = memory.Values[EnsembleLayout.Outputs + digit];
            best = output > largest ? digit : best;
            largest = output > largest ? output : largest;
        }

        answer = best;
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Total<TLoss>(EnsembleMemory memory, float largest)
        where TLoss : struct, ILoss
    {
        float total = 0f;
        for (int digit = 0; digit < Layout.Outputs; digit++)
        {
            total += TLoss.Weight(memory.Values[EnsembleLayout.Outputs + digit], largest);
        }

        return total;
    }
}
