namespace GpuConvnet.Kernels.Accelerators;

/// <summary>What runs the kernels.</summary>
public enum DeviceKind
{
    /// <summary>An NVIDIA GPU.</summary>
    Cuda,

    /// <summary>An OpenCL device: a GPU, or a processor by way of a driver such as PoCL.</summary>
    OpenCL,

    /// <summary>ILGPU's CPU accelerator: a simulator for debugging and tests, and slow.</summary>
    Cpu,
}
