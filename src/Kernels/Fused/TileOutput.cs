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
    public static void Forward<TShape, TOutput>(int thread, FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where TOutput : struct, IActivation
    {
        for (int task = thread; task < Layout<TShape>.Outputs * Tile<TShape>.Examples; task += FusedKernels.Threads)
        {
            int digit = task.Modulo(Layout<TShape>.Outputs);
            int place = task.Over(Layout<TShape>.Outputs);
            ArrayView<Columns4> weights = batch.Weights.SubView(Packing<TShape>.Outw + digit);
            Columns4 sums = default;
            int block = 0;
            for (; block + 4 <= Tile<TShape>.H3Blocks; block += 4)
            {
                Columns4 weights0 = weights[block * Layout<TShape>.Outputs];
                Columns4 weights1 = weights[(block + 1) * Layout<TShape>.Outputs];
                Columns4 weights2 = weights[(block + 2) * Layout<TShape>.Outputs];
                Columns4 weights3 = weights[(block + 3) * Layout<TShape>.Outputs];
                sums = quads[Tile<TShape>.H3Place(place, block)].Times(weights0).Plus(sums);
                sums = quads[Tile<TShape>.H3Place(place, block + 1)].Times(weights1).Plus(sums);
                sums = quads[Tile<TShape>.H3Place(place, block + 2)].Times(weights2).Plus(sums);
                sums = quads[Tile<TShape>.H3Place(place, block + 3)].Times(weights3).Plus(sums);
            }

            for (; block < Tile<TShape>.H3Blocks; block++)
            {
                Columns4 h3 = quads[Tile<TShape>.H3Place(place, block)];
                sums = h3.Times(weights[block * Layout<TShape>.Outputs]).Plus(sums);
            }

            float bias = batch.Weights.Cast<float>()[Packing<TShape>.Outb * 4 + digit];
            quads.Cast<float>()[Tile<TShape>.Output(place) * 4 + digit] =
                TOutput.Apply(bias + (sums.C0 + sums.C1 + (sums.C2 + sums.C3)));
        }
    }

    /// <summary>From the outputs to their deltas, which overwrite them. A thread: an example.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<TShape, TOutput, TLoss>(int thread, FusedBatch batch, int start, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        int place = thread;
        if (place < Tile<TShape>.Examples)
        {
            // What the last tile has no examples for is computed like them, and weighs nothing.
            bool exists = start + place < batch.Count;
            float scale = exists ? batch.Scale : 0f;
            int label = batch.Label(exists ? start + place : batch.Count - 1);
            ArrayView<Columns4> outputs = quads.SubView(Tile<TShape>.Output(place));
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
    /// <param name="quads">The tile's memory.</param>
    /// <param name="loss">The thread's summed loss.</param>
    /// <param name="misses">The thread's count of misclassified examples.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Evaluate<TShape, TLoss>(
        int thread, FusedBatch batch, int start, ArrayView<Columns4> quads, ref float loss, ref float misses)
        where TShape : struct, IShape
        where TLoss : struct, ILoss
    {
        int place = thread;
        if (place < Tile<TShape>.Examples && start + place < batch.Count)
        {
            int label = batch.Label(start + place);
            ArrayView<float> outputs = quads.Cast<float>().SubView(Tile<TShape>.Output(place) * 4);
            float largest = outputs[0];
            int answer = 0;
            for (int digit = 1; digit < Layout<TShape>.Outputs; digit++)
            {
                float output = outputs[digit];
                answer = output > largest ? digit : answer;
                largest = output > largest ? output : largest;
            }

            float total = 0f;
            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                total += TLoss.Weight(outputs[digit], largest);
            }

            for (int digit = 0; digit < Layout<TShape>.Outputs; digit++)
            {
                loss += TLoss.Term(outputs[digit], largest, total, digit == label);
            }

            misses += answer == label ? 0f : 1f;
        }
    }

    /// <summary>The gradient of weights and biases. A thread: a digit's weights from four units, or four biases.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardParameters<TShape>(int thread, ArrayView<Columns4> quads, GradientShare share)
        where TShape : struct, IShape
    {
        int weights = Tile<TShape>.H3Blocks * Layout<TShape>.Outputs;
        for (int task = thread; task < weights + Tile<TShape>.OutputQuads; task += FusedKernels.Threads)
        {
            Columns4 sums = default;
            if (task < weights)
            {
                int block = task.Over(Layout<TShape>.Outputs);
                int digit = task.Modulo(Layout<TShape>.Outputs);
                ArrayView<float> deltas = quads.Cast<float>().SubView(Tile<TShape>.Output(0) * 4 + digit);
                for (int place = 0; place < Tile<TShape>.Examples; place += 4)
                {
                    Columns4 h30 = quads[Tile<TShape>.H3Place(place, block)];
                    Columns4 h31 = quads[Tile<TShape>.H3Place(place + 1, block)];
                    Columns4 h32 = quads[Tile<TShape>.H3Place(place + 2, block)];
                    Columns4 h33 = quads[Tile<TShape>.H3Place(place + 3, block)];
                    sums = h30.TimesPlus(deltas[place * Tile<TShape>.OutputQuads * 4], sums);
                    sums = h31.TimesPlus(deltas[(place + 1) * Tile<TShape>.OutputQuads * 4], sums);
                    sums = h32.TimesPlus(deltas[(place + 2) * Tile<TShape>.OutputQuads * 4], sums);
                    sums = h33.TimesPlus(deltas[(place + 3) * Tile<TShape>.OutputQuads * 4], sums);
                }
            }
            else
            {
                sums = TileSums.Of(quads, Tile<TShape>.Output(0) + task - weights, Tile<TShape>.OutputQuads);
            }

            share.Add(task < weights ? Packing<TShape>.Outw + task : Packing<TShape>.Outb + task - weights, sums);
        }
    }

    /// <summary>
    /// From the outputs' deltas to H3's, over H3. A thread: four units of an example; neighbouring threads are neighbouring
    /// examples, which share their weights.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void BackwardInput<TShape, THidden>(int thread, FusedBatch batch, ArrayView<Columns4> quads)
        where TShape : struct, IShape
        where THidden : struct, IActivation
    {
        int tasks = Tile<TShape>.H3Blocks * Tile<TShape>.Examples;
        for (int task = thread; task < tasks; task += FusedKernels.Threads)
        {
            int place = task.Modulo(Tile<TShape>.Examples);
            int block = task.Over(Tile<TShape>.Examples);
            ArrayView<Columns4> weights = batch.Weights.SubView(Packing<TShape>.Outw + block * Layout<TShape>.Outputs);
            ArrayView<float> deltas = quads.Cast<float>().SubView(Tile<TShape>.Output(place) * 4);
            Columns4 sums = default;
            for (int digit = 0; digit < Layout<TShape>.Outputs; digit += 5)
            {
                Columns4 weights0 = weights[digit];
                Columns4 weights1 = weights[digit + 1];
                Columns4 weights2 = weights[digit + 2];
                Columns4 weights3 = weights[digit + 3];
                Columns4 weights4 = weights[digit + 4];
                sums = weights0.TimesPlus(deltas[digit], sums);
                sums = weights1.TimesPlus(deltas[digit + 1], sums);
                sums = weights2.TimesPlus(deltas[digit + 2], sums);
                sums = weights3.TimesPlus(deltas[digit + 3], sums);
                sums = weights4.TimesPlus(deltas[digit + 4], sums);
            }

            int h3 = Tile<TShape>.H3Place(place, block);
            quads[h3] = sums.Times(quads[h3].Slopes<THidden>());
        }
    }
}
