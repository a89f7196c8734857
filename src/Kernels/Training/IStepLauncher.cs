using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Profiling;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Training;

/// <summary>How a device takes a step: by a kernel a layer and direction, or by the two fused ones.</summary>
internal interface IStepLauncher : IDisposable
{
    /// <summary>What a user should know about how it does; null for nothing.</summary>
    string? Note { get; }

    /// <summary>How many steps are best taken at once.</summary>
    int StepsAtOnce { get; }

    /// <summary>What is told of every launch; null for nothing.</summary>
    KernelClock? Clock { set; }

    /// <summary>Takes over what depends on parameters that have just been loaded.</summary>
    void Load(float[] parameters);

    /// <summary>Takes over what it alone keeps of a saved training.</summary>
    void LoadState(TrainingState state);

    /// <summary>Adds what it alone keeps of a training.</summary>
    TrainingState SaveState(TrainingState state);

    /// <summary>Queues steps by batches of one block.</summary>
    /// <param name="block">The digits.</param>
    /// <param name="steps">The steps, with their batches' places in the block.</param>
    void Take(DeviceExamples block, ReadOnlySpan<PlannedStep> steps);

    /// <summary>The gradient that a step would use.</summary>
    float[] Gradient(DeviceExamples block, in PlannedStep step);

    /// <summary>Queues the evaluation of a whole split.</summary>
    /// <param name="examples">The split.</param>
    /// <param name="slot">Takes each group's sums.</param>
    /// <param name="firstGroup">Where in it.</param>
    /// <returns>How many groups' sums there will be.</returns>
    int EnqueueEvaluation(DeviceExamples examples, ReadbackBuffer slot, int firstGroup);

    /// <summary>The most groups that an evaluation of so many examples takes.</summary>
    int EvaluationGroups(int examples);

    /// <summary>Into how many sums a batch's gradient is shared before they are added up.</summary>
    int GradientShares(int count);
}
