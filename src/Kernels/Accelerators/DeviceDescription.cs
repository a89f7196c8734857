namespace GpuConvnet.Kernels.Accelerators;

/// <summary>A device that kernels can run on.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Its place among those of its kind, from 0: the value of <c>--device</c>.</param>
/// <param name="Name">Its own name.</param>
/// <param name="IsGpu">Whether it is a GPU, not a processor.</param>
/// <param name="MemoryBytes">Its memory, in bytes.</param>
/// <param name="ComputeUnits">Its multiprocessors or compute units.</param>
/// <param name="Driver">Its driver or platform, with version.</param>
/// <param name="Remark">What a user should know about it; may be empty.</param>
public sealed record DeviceDescription(
    DeviceKind Kind,
    int Index,
    string Name,
    bool IsGpu,
    long MemoryBytes,
    int ComputeUnits,
    string Driver,
    string Remark);
