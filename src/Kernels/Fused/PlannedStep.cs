using GpuConvnet.Model.Training;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// A step, and where its batch lies in the device's memory. The fused kernels read it there: launches then differ in nothing but
/// which one they read, so that many of them can be recorded once and replayed.
/// </summary>
/// <param name="image">The first image's place in <see cref="FusedNetwork.Images"/>.</param>
/// <param name="label">The first label's place in <see cref="FusedNetwork.Labels"/>.</param>
/// <param name="step">The batch's place in the training set, its size, the optimizer's constants and the perturbation.</param>
internal readonly struct PlannedStep(int image, int label, in BatchStep step)
{
    /// <summary>The first image's place in <see cref="FusedNetwork.Images"/>.</summary>
    public int Image { get; } = image;

    /// <summary>The first label's place in <see cref="FusedNetwork.Labels"/>.</summary>
    public int Label { get; } = label;

    /// <summary>The batch's place in the training set, its size, the optimizer's constants and the perturbation.</summary>
    public BatchStep Step { get; } = step;
}
