using GpuConvnet.Kernels.Training;

namespace GpuConvnet.Kernels.Choosing;

/// <summary>How long some kernels take for a step.</summary>
/// <param name="Kernels">The kernels.</param>
/// <param name="Seconds">The median of some steps.</param>
internal sealed record KernelTime(KernelChoice Kernels, double Seconds);
