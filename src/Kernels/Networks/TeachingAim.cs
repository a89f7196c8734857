using GpuConvnet.Model.Losses;

namespace GpuConvnet.Kernels.Networks;

/// <summary>What of a launch's examples, their labels and their teacher counts in the loss.</summary>
/// <param name="count">Examples of the launch; lanes beyond have no gradient.</param>
/// <param name="targets">What the outputs should be by the label.</param>
/// <param name="distillation">How much the teacher counts.</param>
/// <param name="scale">The factor of every derivative: 1/examples of the batch, for the mean.</param>
internal readonly struct TeachingAim(int count, Targets targets, Distillation distillation, float scale)
{
    /// <summary>Examples of the launch.</summary>
    public int Count { get; } = count;

    /// <summary>What the outputs should be by the label.</summary>
    public Targets Targets { get; } = targets;

    /// <summary>The factor of the derivatives of the label's loss.</summary>
    public float ByLabel { get; } = scale * distillation.LabelShare;

    /// <summary>The factor of the derivatives of the teacher's loss.</summary>
    public float ByTeacher { get; } = scale * distillation.TeacherFactor;

    /// <summary>What outputs are multiplied with for the teacher's loss.</summary>
    public float InverseTemperature { get; } = 1f / distillation.Temperature;
}
