using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The end of a fused step that moves whole matrices: <see cref="MatrixKernels"/> with a step that is planned.</summary>
internal static class FusedMatrixKernels
{
    /// <summary>
    /// Adds the shares up, as <see cref="FusedKernels.Update"/> does, and makes directions of the sums, or moves what is no matrix.
    /// Grid: groups of eight float4s.
    /// </summary>
    /// <param name="network">The shares.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    /// <param name="groups">Groups of threads that the gradient was launched with.</param>
    /// <param name="memory">What the step works on.</param>
    public static void Direct<TRule, TVectors, TLayout>(
        FusedNetwork network, ArrayView<PlannedStep> plans, int index, int groups, MatrixMemory memory)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
        where TLayout : struct, IPackedLayout
    {
        MatrixParameter parameter = new(memory, FusedKernels.PlaceOf<TLayout>().Parameter);
        float gradient = FusedKernels.SumOfShares<TLayout>(network, plans, index, groups);
        parameter.Take<TRule, TVectors>(memory, gradient, plans[index].Step.Optimizer);
    }

    /// <summary>Moves the matrices. Grid: a group per share of a matrix.</summary>
    /// <param name="memory">What it works on.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public static void Step<TRule>(MatrixMemory memory, ArrayView<PlannedStep> plans, int index)
        where TRule : struct, IMatrixRule => MatrixKernels.Take<TRule>(memory, plans[index].Step.Optimizer);
}
