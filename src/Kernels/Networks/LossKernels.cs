using GpuConvnet.Model;
using GpuConvnet.Model.Losses;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The loss of ten outputs, whose twins are in <c>Model/Losses</c>. Grid: (1, block).</summary>
internal static class LossKernels
{
    /// <summary>The gradient of the batch's mean loss by the outputs: where the way back begins.</summary>
    /// <param name="outputs">(blocks, 10, lanes).</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="count">Examples of this launch; lanes beyond have no gradient.</param>
    /// <param name="targets">What the outputs should be.</param>
    /// <param name="scale">The factor of every derivative: 1/examples of the batch, for the mean.</param>
    /// <param name="gradient">(blocks, 10, lanes).</param>
    public static void Backward<TLanes, TLoss>(
        ArrayView<float> outputs, ArrayView<byte> labels, int count, Targets targets, float scale, ArrayView<float> gradient)
        where TLanes : struct, ISize
        where TLoss : struct, ILoss
    {
        int example = Grid.IdxY * TLanes.Value + Group.IdxX;
        bool isThere = example < count;
        int label = labels[isThere ? example : 0];
        int first = Grid.IdxY * (Shape1989.Outputs * TLanes.Value) + Group.IdxX;
        float largest = Largest<TLanes>(outputs, first, out _);
        float total = Total<TLanes, TLoss>(outputs, first, largest);
        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            int place = first + digit * TLanes.Value;
            float target = digit == label ? targets.Label : targets.Other;
            float derivative = TLoss.Gradient(outputs[place], largest, total, target) * scale;
            gradient[place] = isThere ? derivative : 0f;
        }
    }

    /// <summary>Each block's sums of its examples' losses and misses.</summary>
    /// <param name="outputs">(blocks, 10, lanes).</param>
    /// <param name="labels">This launch's digits first.</param>
    /// <param name="count">Examples of this launch.</param>
    /// <param name="losses">Each block's summed loss, from <paramref name="firstBlock"/> on.</param>
    /// <param name="misses">Each block's count of misclassified examples, likewise.</param>
    /// <param name="firstBlock">The launch's first block among all of the set's.</param>
    public static void Evaluate<TLanes, TLoss>(
        ArrayView<float> outputs, ArrayView<byte> labels, int count, ArrayView<float> losses, ArrayView<int> misses, int firstBlock)
        where TLanes : struct, ISize
        where TLoss : struct, ILoss
    {
        int example = Grid.IdxY * TLanes.Value + Group.IdxX;
        int first = Grid.IdxY * (Shape1989.Outputs * TLanes.Value) + Group.IdxX;
        float loss = 0f;
        float miss = 0f;
        if (example < count)
        {
            int label = labels[example];
            float largest = Largest<TLanes>(outputs, first, out int answer);
            float total = Total<TLanes, TLoss>(outputs, first, largest);
            for (int digit = 0; digit < Shape1989.Outputs; digit++)
            {
                loss += TLoss.Term(outputs[first + digit * TLanes.Value], largest, total, digit == label);
            }

            miss = answer == label ? 0f : 1f;
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(2 * LaneSums.MostLanes);
        shared[Group.IdxX] = loss;
        shared[LaneSums.MostLanes + Group.IdxX] = miss;
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            float allLosses = 0f;
            float allMisses = 0f;
            for (int lane = 0; lane < TLanes.Value; lane++)
            {
                allLosses += shared[lane];
                allMisses += shared[LaneSums.MostLanes + lane];
            }

            losses[firstBlock + Grid.IdxY] = allLosses;
            misses[firstBlock + Grid.IdxY] = (int)allMisses;
        }
    }

    private static float Largest<TLanes>(ArrayView<float> outputs, int first, out int answer)
        where TLanes : struct, ISize
    {
        float largest = outputs[first];
        int best = 0;
        for (int digit = 1; digit < Shape1989.Outputs; digit++)
        {
            float output = outputs[first + digit * TLanes.Value];
            if (output > largest)
            {
                largest = output;
                best = digit;
            }
        }

        answer = best;
        return largest;
    }

    private static float Total<TLanes, TLoss>(ArrayView<float> outputs, int first, float largest)
        where TLanes : struct, ISize
        where TLoss : struct, ILoss
    {
        float total = 0f;
        for (int digit = 0; digit < Shape1989.Outputs; digit++)
        {
            total += TLoss.Weight(outputs[first + digit * TLanes.Value], largest);
        }

        return total;
    }
}
