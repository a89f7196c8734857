using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>A device or its driver failed; the message says which, how, and what to do.</summary>
public sealed class DeviceException : Exception
{
    private static readonly CLError[] s_openClMemoryErrors =
    [
        CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE,
        CLError.CL_OUT_OF_RESOURCES,
        CLError.CL_OUT_OF_HOST_MEMORY,
        CLError.CL_INVALID_BUFFER_SIZE,
    ];

    private DeviceException(string message, Exception cause)
        : base(message, cause)
    {
    }

    /// <summary>Whether its memory, or the host's, was too small for what was asked just then.</summary>
    internal bool IsOutOfMemory { get; private init; }

    /// <summary>Whether an exception comes from a device, its driver or the compilation for it.</summary>
    internal static bool IsOfDriver(Exception failure) =>
        failure is AcceleratorException or CudaException or CLException or InternalCompilerException
            or NotSupportedException or DllNotFoundException or OutOfMemoryException;

    /// <summary>Says what a driver's failure means.</summary>
    /// <param name="device">The device that it happened on.</param>
    /// <param name="failure">What was thrown.</param>
    internal static DeviceException For(DeviceDescription device, Exception failure)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(failure);
        bool outOfMemory = failure switch
        {
            OutOfMemoryException => true,
            CudaException cuda => cuda.Error == CudaError.CUDA_ERROR_OUT_OF_MEMORY.ToString(),
            CLException openCl => s_openClMemoryErrors.Contains(openCl.Error),
            _ => false,
        };
        string advice = failure switch
        {
            _ when outOfMemory =>
                "It is out of memory: end other programs on it, or train on fewer examples.",
            InternalCompilerException or NotSupportedException =>
                "ILGPU could not compile the kernels for it: update the driver, or use another --accelerator "
                + "('trainer devices' lists them).",
            CudaException cuda when cuda.Error.Contains("PTX", StringComparison.OrdinalIgnoreCase) =>
                "Its driver is too old for these kernels: update the NVIDIA driver.",
            _ => "The device or its driver failed: 'trainer devices' shows what is there; a restart of the driver may "
                + "be needed.",
        };
        return new DeviceException(
            $"{device.Kind} device {device.Index}, {device.Name}: {failure.Message.ReplaceLineEndings(" ").Trim()} {advice}",
            failure)
        {
            IsOutOfMemory = outOfMemory,
        };
    }
}
