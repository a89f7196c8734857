using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Trainer.Setup.Configuration;

namespace GpuConvnet.Trainer.Training;

/// <summary>A device that an <c>--accelerator</c> named, and what keeps it open.</summary>
internal sealed class DeviceChoice : IDisposable
{
    private DeviceChoice(AcceleratorDiscovery discovery, DeviceDescription description)
    {
        Discovery = discovery;
        Discovery.KernelCache = KernelCacheLocation.Folder();
        Description = description;
    }

    /// <summary>Where the device was found.</summary>
    public AcceleratorDiscovery Discovery { get; }

    /// <summary>The device.</summary>
    public DeviceDescription Description { get; }

    /// <summary>Opens what an <c>--accelerator</c> names, whatever is to be done there; null for the host.</summary>
    /// <param name="kind">What was asked for; auto is the best GPU, or the host where there is none.</param>
    /// <param name="index">Which of that kind, from 0; null for the first.</param>
    /// <exception cref="BadInputException">It is not there; the message says what there is and what to install.</exception>
    public static DeviceChoice? For(AcceleratorKind kind, int? index)
    {
        DeviceChoice? device = kind switch
        {
            AcceleratorKind.Cuda => Open(DeviceKind.Cuda, index),
            AcceleratorKind.OpenCL => Open(DeviceKind.OpenCL, index),
            AcceleratorKind.Cpu => Open(DeviceKind.Cpu, index),
            AcceleratorKind.Auto when index is null => OpenGpu(),
            _ => null,
        };
        return device is null && index is > 0
            ? throw new BadInputException($"There is no device {index}: the host is one device, 0. Leave --device out.")
            : device;
    }

    /// <summary>Opens a device of one kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="index">Which of that kind, from 0; null for the first.</param>
    /// <param name="isProfiling">Whether its kernels are to be timed, which OpenCL wants to know beforehand.</param>
    /// <param name="groupThreads">Threads of a group, where kernels need so many; 0 where they take what there is.</param>
    /// <exception cref="BadInputException">There is none; the message says what there is and what to install.</exception>
    public static DeviceChoice Open(DeviceKind kind, int? index, bool isProfiling = false, int groupThreads = 0)
    {
        AcceleratorDiscovery discovery =
            groupThreads > 0 ? AcceleratorDiscovery.ForGroupsOf(groupThreads, kind) : new(isProfiling, kind);
        if (discovery.Devices.FirstOrDefault(device => device.Index == (index ?? 0)) is { } found)
        {
            return new DeviceChoice(discovery, found);
        }

        int count = discovery.Devices.Count;
        discovery.Dispose();
        throw new BadInputException(count > 0
            ? $"There is no {NameOf(kind)} device {index}: the devices of that kind are 0 to {count - 1}. 'trainer devices' "
                + "lists them."
            : $"There is no {NameOf(kind)} device. {HowToInstall(kind)} 'trainer devices' lists what there is; "
                + "--accelerator host trains on the CPU.");
    }

    /// <summary>Opens the best GPU: CUDA before OpenCL. Null if there is none.</summary>
    public static DeviceChoice? OpenGpu()
    {
        AcceleratorDiscovery discovery = new(DeviceKind.Cuda, DeviceKind.OpenCL);
        if (discovery.Devices.FirstOrDefault(device => device.IsGpu) is { } found)
        {
            return new DeviceChoice(discovery, found);
        }

        discovery.Dispose();
        return null;
    }

    /// <summary>What a user does to have a device of a kind, of which there is none.</summary>
    public static string HowToInstall(DeviceKind kind) => kind switch
    {
        DeviceKind.Cuda when CudaDriverFault.Find() is { } fault => fault.Description,
        DeviceKind.Cuda => "It needs an NVIDIA GPU and NVIDIA's driver (version 450 or newer; the CUDA toolkit is not "
            + "needed).",
        DeviceKind.OpenCL => "It needs an OpenCL driver: the GPU vendor's, and on Linux the loader ocl-icd-libopencl1; "
            + "for a processor, pocl-opencl-icd.",
        _ => "ILGPU's CPU accelerator is part of the program.",
    };

    /// <summary>What it is on the command line.</summary>
    public AcceleratorKind Kind => KindOf(Description.Kind);

    /// <summary>The name of a kind on the command line.</summary>
    public static string NameOf(DeviceKind kind) => ConfigurationNames.Accelerator[KindOf(kind)];

    private static AcceleratorKind KindOf(DeviceKind kind) => kind switch
    {
        DeviceKind.Cuda => AcceleratorKind.Cuda,
        DeviceKind.OpenCL => AcceleratorKind.OpenCL,
        _ => AcceleratorKind.Cpu,
    };

    /// <summary>What a user should know about how its kernels are compiled; null for nothing.</summary>
    public string? Note => Discovery.KernelCache?.Failure is { } failure
        ? $"note: the next start has to compile the kernels again, for they could not be kept: {failure} "
            + $"{KernelCacheLocation.Variable} names another folder, or \"none\"."
        : null;

    /// <inheritdoc/>
    public void Dispose() => Discovery.Dispose();
}
