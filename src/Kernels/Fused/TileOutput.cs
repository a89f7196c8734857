using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Shapes;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The outputs of a tile and the loss: H3 in, (Examples, 10) out. The readable twin is <see cref="OutputKernels"/>.</summary>
internal static class TileOutput
{
    /// <summary>Output = activation(bias + H3 * weights). A thread: a digit of an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TShape, TOutput>(FusedBatch batch, ArrayView<float> memory)
        where TShape : struct, IShape
        where TOutput : struct, IActivation
    {
        for (int task = Group.IdxX; task < Layout<TShape>.Outputs * Tile<TShape>.Examples; task += FusedKernels.Threads)
        {
            int digit = task % Layout<TShape>.Outputs;
            int place = task / Layout<TShape>.Outputs;
            float sum = batch.Parameters[Layout<TShape>.Outb + digit];
            for (int unit = 0; unit < TShape.H3Units; unit++)
            {
                sum += memory[H3<TShape>(place, unit)]
                    * batch.Parameters[Layout<TShape>.Outw + unit * Layout<TShape>.Outputs + digit];
            }

            memory[Output<TShape>(place, digit)] = TOutput.Apply(sum);
        }
    }

    /// <summary>From the outputs to their deltas, which overwrite them. A thread: an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TShape, TOutput, TLoss>(FusedBatch batch, int start, ArrayView<float> memory)
        where TShape : struct, IShape
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        for (int place = Group.IdxX; place < Tile<TShape>.Examples; place += FusedKernels.Threads)
        {
            // What the last tile has no examples for is computed like them, and weighs nothing.
            bool exists = start + place < batch.Count;
            float scale = exists ? batch.Scale : 0f;
            int label = batch.Label(exists ? start + place : batch.Count - 1);
            int first = Output<TShape>(place, 0);
            float largest = memory[first];
            for (int digit = 1; digit < Layout<TShape>.Outputs; digit++)
            {
                float output = memory[first + digit];
                largest = output > largest ? output : largest;
            }

            float total = 0f;
            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                total += TLoss.Weight(memory[first + digit], largest);
            }

            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                float output = memory[first + digit];
                float target = digit == label ? batch.Targets.Label : batch.Targets.Other;
                memory[first + digit] = TLoss.Gradient(output, largest, total, target) * TOutput.Slope(output) * scale;
            }
        }
    }

    /// <summary>Adds the losses and misses of a tile to those of the tiles before. A thread: an example.</summary>
    /// <param name="batch">The labels.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="memory">The tile's memory.</param>
    /// <param name="loss">The thread's summed loss.</param>
    /// <param name="misses">The thread's count of misclassified examples.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate<TShape, TLoss>(
        FusedBatch batch, int start, ArrayView<float> memory, ref float loss, ref float misses)
        where TShape : struct, IShape
        where TLoss : struct, ILoss
    {
        int place = Group.IdxX;
        if (place < Tile<TShape>.Examples && start + place < batch.Count)
        {
            int label = batch.Label(start + place);
            int first = Output<TShape>(place, 0);
            float largest = memory[first];
            int answer = 0;
            for (int digit = 1; digit < Layout<TShape>.Outputs; digit++)
            {
                float output = memory[first + digit];
                answer = output > largest ? digit : answer;
                largest = output > largest ? output : largest;
            }

            float total = 0f;
            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                total += TLoss.Weight(memory[first + digit], largest);
            }

            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                loss += TLoss.Term(memory[first + digit], largest, total, digit == label);
            }

            misses += answer == label ? 0f : 1f;
        }
    }

    /// <summary>The gradient of weights and biases. A thread: a weight, or a bias.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardParameters<TShape>(ArrayView<float> memory, GradientShare share)
        where TShape : struct, IShape
    {
        int weights = TShape.H3Units * Layout<TShape>.Outputs;
        for (int task = Group.IdxX; task < weights + Layout<TShape>.Outputs; task += FusedKernels.Threads)
        {
            int unit = task / Layout<TShape>.Outputs;
            int digit = task % Layout<TShape>.Outputs;
            float sum = 0f;
            for (int place = 0; place < Tile<TShape>.Examples; place++)
            {
                float delta = memory[Output<TShape>(place, digit)];
                sum += task < weights ? memory[H3<TShape>(place, unit)] * delta : delta;
            }

            share.AddValue(
                task < weights ? Packing<TShape>.Outw * 4 + task : Packing<TShape>.Outb * 4 + digit, sum);
        }
    }

    /// <summary>
    /// From the outputs' deltas to H3's, over H3. A thread: a unit of an example; neighbouring threads are neighbouring
    /// examples, which share their weights.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<TShape, THidden>(FusedBatch batch, ArrayView<float> memory)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        for (int task = Group.IdxX; task < TShape.H3Units * Tile<TShape>.Examples; task += FusedKernels.Threads)
        {
            int place = task % Tile<TShape>.Examples;
            int unit = task / Tile<TShape>.Examples;
            float sum = 0f;
            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                sum += memory[Output<TShape>(place, digit)]
                    * batch.Parameters[Layout<TShape>.Outw + unit * Layout<TShape>.Outputs + digit];
            }

            int h3 = H3<TShape>(place, unit);
            memory[h3] = sum * THidden.Slope(memory[h3]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int H3<TShape>(int place, int unit)
        where TShape : struct, IShape => Tile<TShape>.H3Place(place, unit / 4) * 4 + unit % 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Output<TShape>(int place, int digit)
        where TShape : struct, IShape => (Tile<TShape>.Outputs + place * Tile<TShape>.OutputQuads) * 4 + digit;
}
