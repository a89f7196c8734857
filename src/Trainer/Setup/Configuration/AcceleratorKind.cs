using System.Text.Json.Serialization;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>The choices of <c>--accelerator</c>.</summary>
[JsonConverter(typeof(AcceleratorConverter))]
internal enum AcceleratorKind
{
    /// <summary>The best that there is.</summary>
    Auto,

    /// <summary>The kernels on an NVIDIA GPU.</summary>
    Cuda,

    /// <summary>The kernels on an OpenCL device.</summary>
    OpenCL,

    /// <summary>The kernels on ILGPU's CPU accelerator; per example, the CPU vector path.</summary>
    Cpu,

    /// <summary>The CPU vector path.</summary>
    Host,
}
