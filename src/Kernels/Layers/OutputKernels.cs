using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// The output and the loss: ten units connected to all of H3. (H3Units) in, (10) out. The reference twins are
/// <c>Model/Simd/OutputLayer</c> and <c>Model/Losses</c>; the weights' gradient is <see cref="DenseWeightKernels"/>'s.
/// </summary>
internal static class OutputKernels
{
    /// <summary>Output = activation(bias + H3 * weights).</summary>
    /// <param name="index">X: the example; Y: the digit.</param>
    /// <param name="batch">H3's rows of the activations in, the outputs' out.</param>
    /// <param name="parameters">All parameters.</param>
    public static void Forward<TOutput>(Index2D index, Batch batch, ArrayView<float> parameters)
        where TOutput : struct, IActivation
    {
        int example = index.X;
        int digit = index.Y;
        float sum = parameters[Layout.Outb + digit];
        for (int unit = 0; unit < Shape1989.H3Units; unit++)
        {
            sum += batch.Activations[(Layout.H3Row + unit) * batch.Stride + example]
                * parameters[Layout.Outw + unit * Layout.Outputs + digit];
        }

        batch.Activations[(Layout.OutputRow + digit) * batch.Stride + example] = TOutput.Apply(sum);
    }

    /// <summary>From the outputs to their deltas and H3's: where the backward pass begins.</summary>
    /// <param name="index">The example.</param>
    /// <param name="batch">Labels, H3's and the outputs' activations in, H3's and the outputs' deltas out.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="targets">What the outputs should be.</param>
    /// <param name="scale">The factor of every delta: 1/examples of the batch, for the mean.</param>
    public static void Backward<THidden, TOutput, TLoss>(
        Index1D index, Batch batch, ArrayView<float> parameters, Targets targets, float scale)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        int example = index;
        int label = batch.Labels[example];
        float largest = Largest(batch, example, out _);
        float total = Total<TLoss>(batch, example, largest);
        for (int digit = 0; digit < Layout.Outputs; digit++)
        {
            int place = (Layout.OutputRow + digit) * batch.Stride + example;
            float output = batch.Activations[place];
            float target = digit == label ? targets.Label : targets.Other;
            batch.Deltas[place] = TLoss.Gradient(output, largest, total, target) * TOutput.Derivative(output) * scale;
        }

        BackwardInput<THidden>(batch, parameters, example);
    }

    /// <summary>From the outputs to their second derivatives and H3's, where their way back begins.</summary>
    /// <param name="index">The example.</param>
    /// <param name="batch">The outputs' activations in.</param>
    /// <param name="squares">H3's squared slopes in, H3's and the outputs' second derivatives out.</param>
    /// <param name="squaredParameters">All parameters' squares.</param>
    /// <param name="scale">The factor of every second derivative: 1/examples of the batch, for the mean.</param>
    public static void BackwardCurvature<THidden, TOutput, TLoss>(
        Index1D index, Batch batch, Batch squares, ArrayView<float> squaredParameters, float scale)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        int example = index;
        float largest = Largest(batch, example, out _);
        float total = Total<TLoss>(batch, example, largest);
        for (int digit = 0; digit < Layout.Outputs; digit++)
        {
            int place = (Layout.OutputRow + digit) * batch.Stride + example;
            float output = batch.Activations[place];
            float slope = TOutput.Derivative(output);
            squares.Deltas[place] = TLoss.Curvature(output, largest, total) * (slope * slope) * scale;
        }

        BackwardInput<THidden>(squares, squaredParameters, example);
    }

    private static void BackwardInput<THidden>(Batch batch, ArrayView<float> parameters, int example)
        where THidden : struct, IActivation
    {
        for (int unit = 0; unit < Shape1989.H3Units; unit++)
        {
            float sum = 0f;
            for (int digit = 0; digit < Layout.Outputs; digit++)
            {
                sum += batch.Deltas[(Layout.OutputRow + digit) * batch.Stride + example]
                    * parameters[Layout.Outw + unit * Layout.Outputs + digit];
            }

            int place = (Layout.H3Row + unit) * batch.Stride + example;
            batch.Deltas[place] =
                sum * (THidden.DerivativeNeedsSum ? batch.Deltas[place] : THidden.Derivative(batch.Activations[place]));
        }
    }

    /// <summary>Each group's sums of its examples' losses and misses.</summary>
    /// <param name="batch">Labels and the outputs' activations in.</param>
    /// <param name="losses">Each group's summed loss, from <paramref name="firstGroup"/> on.</param>
    /// <param name="misses">Each group's count of misclassified examples, likewise.</param>
    /// <param name="firstGroup">The launch's first group among all of the set's.</param>
    public static void Evaluate<TLoss>(
        Batch batch, ArrayView<float> losses, ArrayView<int> misses, int firstGroup)
        where TLoss : struct, ILoss
    {
        int example = Grid.IdxX * Group.DimX + Group.IdxX;
        float loss = 0f;
        float miss = 0f;
        if (example < batch.Count)
        {
            int label = batch.Labels[example];
            float largest = Largest(batch, example, out int answer);
            float total = Total<TLoss>(batch, example, largest);
            for (int digit = 0; digit < Layout.Outputs; digit++)
            {
                float output = batch.Activations[(Layout.OutputRow + digit) * batch.Stride + example];
                loss += TLoss.Term(output, largest, total, digit == label);
            }

            miss = answer == label ? 0f : 1f;
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSums.MostValues * GroupSums.MostThreads);
        shared[Group.IdxX] = loss;
        shared[Group.DimX + Group.IdxX] = miss;
        GroupSums.Add(shared, 2);
        if (Group.IdxX == 0)
        {
            losses[firstGroup + Grid.IdxX] = shared[0];
            misses[firstGroup + Grid.IdxX] = (int)shared[Group.DimX];
        }
    }

    private static float Largest(Batch batch, int example, out int answer)
    {
        float largest = batch.Activations[Layout.OutputRow * batch.Stride + example];
        int best = 0;
        for (int digit = 1; digit < Layout.Outputs; digit++)
        {
            float output = batch.Activations[(Layout.OutputRow + digit) * batch.Stride + example];
            if (output > largest)
            {
                largest = output;
                best = digit;
            }
        }

        answer = best;
        return largest;
    }

    private static float Total<TLoss>(Batch batch, int example, float largest)
        where TLoss : struct, ILoss
    {
        float total = 0f;
        for (int digit = 0; digit < Layout.Outputs; digit++)
        {
            total += TLoss.Weight(
                batch.Activations[(Layout.OutputRow + digit) * batch.Stride + example], largest);
        }

        return total;
    }
}
