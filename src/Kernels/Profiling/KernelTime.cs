using GpuConvnet.Kernels.Compilation;
namespace GpuConvnet.Kernels.Profiling;

/// <summary>One launch of a kernel, on the device's own clock.</summary>
/// <param name="Kernel">Which kernel.</param>
/// <param name="Seconds">
/// From the end of what the device did before to the end of this: where the device had to wait for the host, the wait is in
/// it.
/// </param>
internal readonly record struct KernelTime(KernelKind Kernel, double Seconds);
