using GpuConvnet.Model.Network;
using ILGPU.Backends;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>Which devices have tensor cores that the kernels can use, and which networks they are cut for.</summary>
internal static class TensorDevice
{
    /// <summary>Why a device cannot run them; null if it can.</summary>
    public static string? UnsupportedReason(Accelerator accelerator) =>
        accelerator.GetBackend() is not PTXBackend ptx
            ? "it takes a CUDA device with tensor cores"
        : ptx.Architecture < CudaArchitecture.SM_80
            ? $"it takes compute capability 8.0 or higher, and the device has {ptx.Architecture.Major}.{ptx.Architecture.Minor}"
        : null;

    /// <summary>Why a network cannot be trained so on any device; null if it can.</summary>
    public static string? UnsupportedReason(NetworkOptions options) =>
        options.Connections.Equals(H2Connections.Article)
            ? null
            : "it is cut for the article's connections, of which two groups of H2 read each four maps of H1";
}
