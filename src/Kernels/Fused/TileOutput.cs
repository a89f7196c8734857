using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The outputs of a tile and the loss: H3 in, (Examples, 10) out. The readable twin is <see cref="OutputKernels"/>.
/// </summary>
internal static class TileOutput
{
    /// <summary>Output = activation(bias + H3 * weights). A thread: a digit of an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<TOutput>(int thread, int threads, FusedBatch batch, ArrayView<Float4> float4s)
        where TOutput : struct, IActivation
    {
        for (int task = thread; task < Layout.Outputs * Tile.Examples; task += threads)
        {
            int digit = task.Modulo(Layout.Outputs);
            int place = task.Over(Layout.Outputs);
            ArrayView<Float4> weights = batch.Weights.SubView(FusedLayout.Outw + digit);
            Float4 sums = default;
            int block = 0;
            for (; block + 4 <= Tile.H3Blocks; block += 4)
            {
                Float4 weights0 = weights[block * Layout.Outputs];
                Float4 weights1 = weights[(block + 1) * Layout.Outputs];
                Float4 weights2 = weights[(block + 2) * Layout.Outputs];
                Float4 weights3 = weights[(block + 3) * Layout.Outputs];
                sums = float4s[Tile.H3Place(place, block)].Times(weights0).Plus(sums);
                sums = float4s[Tile.H3Place(place, block + 1)].Times(weights1).Plus(sums);
                sums = float4s[Tile.H3Place(place, block + 2)].Times(weights2).Plus(sums);
                sums = float4s[Tile.H3Place(place, block + 3)].Times(weights3).Plus(sums);
            }

            for (; block < Tile.H3Blocks; block++)
            {
                Float4 h3 = float4s[Tile.H3Place(place, block)];
                sums = h3.Times(weights[block * Layout.Outputs]).Plus(sums);
            }

            float bias = batch.Weights.Cast<float>()[FusedLayout.Outb * 4 + digit];
            float4s.Cast<float>()[Tile.Output(place) * 4 + digit] =
                TOutput.Apply(bias + (sums.C0 + sums.C1 + (sums.C2 + sums.C3)));
        }
    }

    /// <summary>From the outputs to their deltas, which overwrite them. A thread: an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TOutput, TLoss>(int thread, FusedBatch batch, int start, ArrayView<Float4> float4s)
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        int place = thread;
        if (place < Tile.Examples)
        {
            // What the last tile has no examples for is computed like them, and weighs nothing.
            bool exists = start + place < batch.Count;
            float scale = exists ? batch.Scale : 0f;
            int label = batch.Label(exists ? start + place : batch.Count - 1);
            ArrayView<Float4> outputs = float4s.SubView(Tile.Output(place));
            TenOutputs ten = new() { Digits0 = outputs[0], Digits4 = outputs[1], Digits8 = outputs[2] };
            ten = ten.Deltas<TOutput, TLoss>(label, batch.Targets, scale);
            outputs[0] = ten.Digits0;
            outputs[1] = ten.Digits4;
            outputs[2] = ten.Digits8;
        }
    }

    /// <summary>Adds the losses and misses of a tile to those of the tiles before. A thread: an example.</summary>
    /// <param name="thread">The thread's number in its group.</param>
    /// <param name="batch">The labels.</param>
    /// <param name="start">The tile's first example in the batch.</param>
    /// <param name="float4s">The tile's memory.</param>
    /// <param name="loss">The thread's summed loss.</param>
    /// <param name="misses">The thread's count of misclassified examples.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate<TLoss>(
        int thread, FusedBatch batch, int start, ArrayView<Float4> float4s, ref float loss, ref float misses)
        where TLoss : struct, ILoss
    {
        int place = thread;
        if (place < Tile.Examples && start + place < batch.Count)
        {
            int label = batch.Label(start + place);
            ArrayView<float> outputs = float4s.Cast<float>().SubView(Tile.Output(place) * 4);
            float largest = outputs[0];
            int answer = 0;
            for (int digit = 1; digit < Layout.Outputs; digit++)
            {
                float output = outputs[digit];
                answer = output > largest ? digit : answer;
                largest = output > largest ? output : largest;
            }

            float total = 0f;
            for (int digit = 0; digit < Layout.Outputs; digit++)
            {
                total += TLoss.Weight(outputs[digit], largest);
            }

            for (int digit = 0; digit < Layout.Outputs; digit++)
            {
                loss += TLoss.Term(outputs[digit], largest, total, digit == label);
            }

            misses += answer == label ? 0f : 1f;
        }
    }

    /// <summary>The gradient of weights and biases. A thread: a digit's weights from four units, or four biases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardParameters(int thread, int threads, ArrayView<Float4> float4s, GradientShare share)
    {
        int weights = Tile.H3Blocks * Layout.Outputs;
        for (int task = thread; task < weights + Tile.OutputFloat4s; task += threads)
        {
            Float4 sums = default;
            if (task < weights)
            {
                int block = task.Over(Layout.Outputs);
                int digit = task.Modulo(Layout.Outputs);
                ArrayView<float> deltas = float4s.Cast<float>().SubView(Tile.Output(0) * 4 + digit);
                for (int place = 0; place < Tile.Examples; place += 4)
                {
                    Float4 h30 = float4s[Tile.H3Place(place, block)];
                    Float4 h31 = float4s[Tile.H3Place(place + 1, block)];
                    Float4 h32 = float4s[Tile.H3Place(place + 2, block)];
                    Float4 h33 = float4s[Tile.H3Place(place + 3, block)];
                    sums = h30.TimesPlus(deltas[place * Tile.OutputFloat4s * 4], sums);
                    sums = h31.TimesPlus(deltas[(place + 1) * Tile.OutputFloat4s * 4], sums);
                    sums = h32.TimesPlus(deltas[(place + 2) * Tile.OutputFloat4s * 4], sums);
                    sums = h33.TimesPlus(deltas[(place + 3) * Tile.OutputFloat4s * 4], sums);
                }
            }
            else
            {
                sums = TileSums.Of(float4s, Tile.Output(0) + task - weights, Tile.OutputFloat4s);
            }

            share.Add(task < weights ? FusedLayout.Outw + task : FusedLayout.Outb + task - weights, sums);
        }
    }

    /// <summary>
    /// From the outputs' deltas to H3's, over H3. A thread: four units of an example; neighbouring threads are neighbouring
    /// examples, which share their weights.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<THidden>(int thread, int threads, FusedBatch batch, ArrayView<Float4> float4s)
        where THidden : struct, IActivation
    {
        int tasks = Tile.H3Blocks * Tile.Examples;
        for (int task = thread; task < tasks; task += threads)
        {
            int place = task.Modulo(Tile.Examples);
            int block = task.Over(Tile.Examples);
            ArrayView<Float4> weights = batch.Weights.SubView(FusedLayout.Outw + block * Layout.Outputs);
            ArrayView<float> deltas = float4s.Cast<float>().SubView(Tile.Output(place) * 4);
            Float4 sums = default;
            for (int digit = 0; digit < Layout.Outputs; digit += 5)
            {
                Float4 weights0 = weights[digit];
                Float4 weights1 = weights[digit + 1];
                Float4 weights2 = weights[digit + 2];
                Float4 weights3 = weights[digit + 3];
                Float4 weights4 = weights[digit + 4];
                sums = weights0.TimesPlus(deltas[digit], sums);
                sums = weights1.TimesPlus(deltas[digit + 1], sums);
                sums = weights2.TimesPlus(deltas[digit + 2], sums);
                sums = weights3.TimesPlus(deltas[digit + 3], sums);
                sums = weights4.TimesPlus(deltas[digit + 4], sums);
            }

            int h3 = Tile.H3Place(place, block);
            float4s[h3] = sums.Times(float4s[h3].Derivatives<THidden>());
        }
    }
}
