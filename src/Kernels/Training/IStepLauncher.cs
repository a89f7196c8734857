using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Fused;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// Which launches are a step on a device: a kernel per layer and direction, or the two fused ones. What is trained is the
/// <see cref="AcceleratorTrainer"/>'s; a launcher keeps nothing between two steps.
/// </summary>
internal interface IStepLauncher : IDisposable
{
    /// <summary>What a user should know about how it does; null for nothing.</summary>
    string? Note => null;

    /// <summary>How many steps are best launched at once.</summary>
    int StepsAtOnce => 1;

    /// <summary>Queues the launches of steps whose batches are in one block.</summary>
    /// <param name="block">The digits.</param>
    /// <param name="steps">The steps, with their batches' places in the block.</param>
    void Launch(DeviceExamples block, ReadOnlySpan<PlannedStep> steps);

    /// <summary>Launches a step but for its update.</summary>
    /// <returns>The gradient, 9,760.</returns>
    float[] LaunchGradient(DeviceExamples block, in PlannedStep step);

    /// <summary>Queues the evaluation of a whole split.</summary>
    /// <param name="examples">The split.</param>
    /// <param name="slot">Takes each group's sums.</param>
    /// <param name="firstGroup">Where in it.</param>
    /// <returns>How many groups' sums there will be.</returns>
    int LaunchEvaluation(DeviceExamples examples, ReadbackBuffer slot, int firstGroup);

    /// <summary>The most groups that an evaluation of so many examples takes.</summary>
    int EvaluationGroups(int examples);

    /// <summary>Into how many sums a batch's gradient is shared before they are added up.</summary>
    int GradientShares(int count);
}
