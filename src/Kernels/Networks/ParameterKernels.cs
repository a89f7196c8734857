using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The end of a step: the slices' gradients are added up, and the optimizer moves the parameters.</summary>
internal static class ParameterKernels
{
    /// <summary>Adds the slices' gradients up, in their order.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="slices">The slices' sums.</param>
    /// <param name="gradient">The whole batch's gradient, out.</param>
    public static void Gradient(Index1D index, BlockSlices slices, ArrayView<float> gradient) => gradient[index] = Sum(slices, index);

    /// <summary>Adds the slices' gradients up, in their order, and moves one parameter by the sum.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="slices">The slices' sums.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="state1">The optimizer's first state of all parameters.</param>
    /// <param name="state2">The optimizer's second state of all parameters.</param>
    /// <param name="step">The step's constants.</param>
    public static void Update<TRule>(
        Index1D index,
        BlockSlices slices,
        ArrayView<float> parameters,
        ArrayView<float> state1,
        ArrayView<float> state2,
        OptimizerConstants step)
        where TRule : struct, IUpdateRule
    {
        float parameter = parameters[index];
        float first = state1[index];
        float second = state2[index];
        TRule.Update(ref parameter, Sum(slices, index), ref first, ref second, step);
        parameters[index] = parameter;
        state1[index] = first;
        state2[index] = second;
    }

    private static float Sum(BlockSlices slices, int parameter)
    {
        float sum = slices.Sums[parameter];
        for (int slice = 1; slice < slices.Count; slice++)
        {
            sum += slices.Sums[slice * slices.Parameters + parameter];
        }

        return sum;
    }
}
