using System.Runtime.CompilerServices;
using GpuConvnet.Model;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// Weight normalization: the weight vector w of a map or unit is g v/|v|. The host's twin, which says more, is
/// <c>Model/Training/NormalizedWeights</c>. Grid: one group per vector, those of H1's maps first, then H2's, H3's units and the
/// outputs; a group's threads share the vector's weights.
/// </summary>
internal static class NormalizationKernels
{
    /// <summary>Groups that either kernel takes: one a weight vector.</summary>
    public static int Vectors() => Shape1989.H1Maps + Shape1989.H2Maps + Shape1989.H3Units + Layout.Outputs;

    /// <summary>From the gradient by w to that by v, in its place, and the optimizer's step on g.</summary>
    /// <param name="lengths">The vectors' g and the optimizer's two states of them: (3, vectors).</param>
    /// <param name="directions">v, and the biases.</param>
    /// <param name="gradient">The gradient by all parameters; by v where it was by w.</param>
    /// <param name="step">The step's constants.</param>
    public static void Project<TRule>(
        ArrayView<float> lengths, ArrayView<float> directions, ArrayView<float> gradient, OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        int vector = Grid.IdxX;
        Find(vector, out int first, out int stride, out int count);
        float square = 0f;
        float product = 0f;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            float direction = directions[first + i * stride];
            square += direction * direction;
            product += direction * gradient[first + i * stride];
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSums.MostValues * GroupSums.MostThreads);
        shared[Group.IdxX] = square;
        shared[Group.DimX + Group.IdxX] = product;
        GroupSums.Add(shared, 2);
        square = shared[0];
        product = shared[Group.DimX];
        float norm = MathF.Sqrt(square);
        float length = lengths[vector];
        float scale = length / norm;
        float upright = product / square;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            int place = first + i * stride;
            gradient[place] = scale * (gradient[place] - upright * directions[place]);
        }

        // Every thread has read the length by now.
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            int vectors = Vectors();
            float state1 = lengths[vectors + vector];
            float state2 = lengths[2 * vectors + vector];
            TRule.Update(ref length, product / norm, ref state1, ref state2, step);
            lengths[vector] = length;
            lengths[vectors + vector] = state1;
            lengths[2 * vectors + vector] = state2;
        }
    }

    /// <summary>From v and g to w.</summary>
    /// <param name="lengths">The vectors' g: (3, vectors), of which the first row.</param>
    /// <param name="directions">v, and the biases.</param>
    /// <param name="parameters">All parameters; the weights are written, the biases are not.</param>
    public static void Scale(
        ArrayView<float> lengths, ArrayView<float> directions, ArrayView<float> parameters)
    {
        int vector = Grid.IdxX;
        Find(vector, out int first, out int stride, out int count);
        float square = 0f;
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            float direction = directions[first + i * stride];
            square += direction * direction;
        }

        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSums.MostValues * GroupSums.MostThreads);
        shared[Group.IdxX] = square;
        GroupSums.Add(shared, 1);
        float scale = lengths[vector] / MathF.Sqrt(shared[0]);
        for (int i = Group.IdxX; i < count; i += Group.DimX)
        {
            int place = first + i * stride;
            parameters[place] = scale * directions[place];
        }
    }

    /// <summary>Where a vector's weights are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Find(int vector, out int first, out int stride, out int count)
    {
        int h2 = vector - Shape1989.H1Maps;
        int h3 = h2 - Shape1989.H2Maps;
        int output = h3 - Shape1989.H3Units;
        int h2Weights = Shape1989.H2Sources * Layout.KernelTaps;
        first = h2 < 0 ? Layout.H1w + vector * Layout.KernelTaps
            : h3 < 0 ? Layout.H2w + h2 * h2Weights
            : output < 0 ? Layout.H3w + h3
            : Layout.Outw + output;
        stride = h3 < 0 ? 1 : output < 0 ? Shape1989.H3Units : Layout.Outputs;
        count = h2 < 0 ? Layout.KernelTaps
            : h3 < 0 ? h2Weights
            : output < 0 ? Layout.H2Units
            : Shape1989.H3Units;
    }
}
