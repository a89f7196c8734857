using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The third launch of a fused step that moves whole matrices: <see cref="MatrixKernels"/> with a step that is planned.</summary>
internal static class FusedMatrixKernels
{
    /// <summary>A step. Grid: a group per matrix.</summary>
    /// <param name="memory">What it works on.</param>
    /// <param name="plans">The steps that are planned.</param>
    /// <param name="index">Which of them this is.</param>
    public static void Step<TRule, TVectors>(MatrixMemory memory, ArrayView<PlannedStep> plans, int index)
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule => MatrixKernels.Take<TRule, TVectors, RoomOnChip>(memory, plans[index].Step.Optimizer);
}
