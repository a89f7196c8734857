using GpuConvnet.Model.Optimizers;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// The rule that moves nothing and keeps the gradient as its first state: with it <see cref="FusedKernels.Update"/> adds a batch's
/// shares up for a launch that takes the step.
/// </summary>
internal readonly struct KeptGradient : IUpdateRule
{
    /// <inheritdoc/>
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerConstants step) => state1 = gradient;

    /// <inheritdoc/>
    public static void Update(
        ref Wide parameters, Wide gradients, ref Wide states1, ref Wide states2, in OptimizerConstants step) => states1 = gradients;
}
