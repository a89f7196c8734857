using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>Which kernels take a training's steps, and why.</summary>
/// <param name="Kernels">The kernels; auto where there was nothing to choose, and <see cref="AcceleratorTrainer"/> knows.</param>
/// <param name="Choice">What was timed, now or at an earlier start; null where nothing was.</param>
/// <param name="IsNew">Whether that was now.</param>
/// <param name="Problem">What a user should know of how it is kept; null for nothing.</param>
internal sealed record ChosenKernels(KernelChoice Kernels, KeptChoice? Choice = null, bool IsNew = false, string? Problem = null);
