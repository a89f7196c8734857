using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>
/// The outputs of a replica and the loss: H3 in, (10) out. The readable twin is <see cref="OutputKernels"/>. A few threads
/// work and the others wait: there is too little to do for more.
/// </summary>
internal static class ReplicaOutput
{
    /// <summary>Output = activation(bias + H3 * weights). A thread: a digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, TOutput>(ReplicaMemory memory)
        where TShape : struct, IShape
        where TOutput : struct, IActivation
    {
        for (int digit = Group.IdxX; digit < Layout<TShape>.Outputs; digit += ReplicaKernels.Threads)
        {
            float sum = memory.Values[Layout<TShape>.Outb + digit];
            for (int unit = 0; unit < TShape.H3Units; unit++)
            {
                sum += memory.Values[ReplicaLayout<TShape>.H3 + unit]
                    * memory.Values[Layout<TShape>.Outw + unit * Layout<TShape>.Outputs + digit];
            }

            memory.Values[ReplicaLayout<TShape>.Outputs + digit] = TOutput.Apply(sum);
        }
    }

    /// <summary>The outputs' deltas: the loss of this one example. A thread: a digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Delta<TShape, TOutput, TLoss>(ReplicaMemory memory, int label, Targets targets)
        where TShape : struct, IShape
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        for (int digit = Group.IdxX; digit < Layout<TShape>.Outputs; digit += ReplicaKernels.Threads)
        {
            float largest = Largest<TShape>(memory, out _);
            float total = Total<TShape, TLoss>(memory, largest);
            float output = memory.Values[ReplicaLayout<TShape>.Outputs + digit];
            float target = digit == label ? targets.Label : targets.Other;
            memory.Values[ReplicaLayout<TShape>.OutputDeltas + digit] =
                TLoss.Gradient(output, largest, total, target) * TOutput.Slope(output);
        }
    }

    /// <summary>
    /// From the outputs' deltas to H3's, over H3, and the step of weights and biases. A thread: a unit of H3 and all the
    /// weights that lead away from it, each of which does its part in the unit's delta before it moves.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TShape, THidden, TRule>(ReplicaMemory memory, in ReplicaStep step)
        where TShape : struct, IShape
        where THidden : struct, IActivation
        where TRule : struct, IReplicaRule
    {
        const int Half = Layout<TShape>.Outputs / 2;
        for (int unit = Group.IdxX; unit < TShape.H3Units; unit += ReplicaKernels.Threads)
        {
            float h3 = memory.Values[ReplicaLayout<TShape>.H3 + unit];
            float sum = 0f;
            for (int digit = 0; digit < Layout<TShape>.Outputs; digit += Half)
            {
                int first = Layout<TShape>.Outw + unit * Layout<TShape>.Outputs + digit;
                Taps5 weights = Taps5.Load(memory.Values, first);
                Taps5 deltas = Taps5.Load(memory.Values, ReplicaLayout<TShape>.OutputDeltas + digit);
                sum = weights.T0 * deltas.T0 + sum;
                sum = weights.T1 * deltas.T1 + sum;
                sum = weights.T2 * deltas.T2 + sum;
                sum = weights.T3 * deltas.T3 + sum;
                sum = weights.T4 * deltas.T4 + sum;
                Taps5 gradients = new()
                {
                    T0 = h3 * deltas.T0,
                    T1 = h3 * deltas.T1,
                    T2 = h3 * deltas.T2,
                    T3 = h3 * deltas.T3,
                    T4 = h3 * deltas.T4,
                };
                int slot = Layout<TShape>.Outw + digit * TShape.H3Units + unit;
                memory.Move<TRule>(first, weights, gradients, slot, TShape.H3Units, step);
            }

            memory.Values[ReplicaLayout<TShape>.H3 + unit] = sum * THidden.Slope(h3);
        }

        for (int digit = Group.IdxX; digit < Layout<TShape>.Outputs; digit += ReplicaKernels.Threads)
        {
            memory.Move<TRule>(
                Layout<TShape>.Outb + digit, memory.Values[ReplicaLayout<TShape>.OutputDeltas + digit], step);
        }
    }

    /// <summary>Adds an example's loss, and whether it is misclassified, to a thread's sums. One thread does it all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate<TShape, TLoss>(ReplicaMemory memory, int label, ref float loss, ref int misses)
        where TShape : struct, IShape
        where TLoss : struct, ILoss
    {
        float largest = Largest<TShape>(memory, out int answer);
        float total = Total<TShape, TLoss>(memory, largest);
        float sum = 0f;
        for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
        {
            sum += TLoss.Term(memory.Values[ReplicaLayout<TShape>.Outputs + digit], largest, total, digit == label);
        }

        loss += sum;
        misses += answer == label ? 0 : 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Largest<TShape>(ReplicaMemory memory, out int answer)
        where TShape : struct, IShape
    {
        float largest = memory.Values[ReplicaLayout<TShape>.Outputs];
        int best = 0;
        for (int digit = 1; digit < Layout<TShape>.Outputs; digit++)
        {
            float output = memory.Values[ReplicaLayout<TShape>.Outputs + digit];
            best = output > largest ? digit : best;
            largest = output > largest ? output : largest;
        }

        answer = best;
        return largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Total<TShape, TLoss>(ReplicaMemory memory, float largest)
        where TShape : struct, IShape
        where TLoss : struct, ILoss
    {
        float total = 0f;
        for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
        {
            total += TLoss.Weight(memory.Values[ReplicaLayout<TShape>.Outputs + digit], largest);
        }

        return total;
    }
}
