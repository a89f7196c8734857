using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The end of a step: the slices' gradients are added up, and the optimizer moves the parameters.</summary>
internal static class UpdateKernels
{
    /// <summary>Adds the slices' gradients up, in their order.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="slices">The slices' sums.</param>
    /// <param name="gradient">The whole batch's gradient, out.</param>
    public static void Gradient(Index1D index, SliceSums slices, ArrayView<float> gradient) => gradient[index] = Sum(slices, index);

    /// <summary>Adds the slices' gradients up, in their order, and moves one parameter by the sum.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="slices">The slices' sums.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="state1">The optimizer's first state of all parameters.</param>
    /// <param name="state2">The optimizer's second state of all parameters.</param>
    /// <param name="step">The step's constants.</param>
    public static void Update<TRule>(
        Index1D index,
        SliceSums slices,
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

    /// <summary>
    /// Adds the slices' gradients and second derivatives up, in their order, and moves one parameter by the sums.
    /// </summary>
    /// <param name="index">The parameter.</param>
    /// <param name="gradients">The slices' gradients.</param>
    /// <param name="curvatures">The slices' second derivatives.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="means">The means of second derivatives of all parameters.</param>
    /// <param name="step">The step's constants.</param>
    public static void UpdateByCurvature<TRule>(
        Index1D index,
        SliceSums gradients,
        SliceSums curvatures,
        ArrayView<float> parameters,
        ArrayView<float> means,
        OptimizerConstants step)
        where TRule : struct, ICurvatureRule
    {
        float parameter = parameters[index];
        float mean = means[index];
        TRule.Update(ref parameter, Sum(gradients, index), Sum(curvatures, index), ref mean, step);
        parameters[index] = parameter;
        means[index] = mean;
    }

    /// <summary>What evaluations take of an optimizer that averages: a parameter plus its first state.</summary>
    /// <param name="index">The parameter.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="state1">The optimizer's first state of all parameters.</param>
    /// <param name="average">The average, out.</param>
    public static void Average(
        Index1D index, ArrayView<float> parameters, ArrayView<float> state1, ParameterPlaces average) =>
        average.Set(index, parameters[index] + state1[index]);

    private static float Sum(SliceSums slices, int parameter)
    {
        float sum = slices.Sums[parameter];
        for (int slice = 1; slice < slices.Count; slice++)
        {
            sum += slices.Sums[slice * Layout.Parameters + parameter];
        }

        return sum;
    }
}
