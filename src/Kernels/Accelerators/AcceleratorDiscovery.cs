using GpuConvnet.Kernels.Compilation;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>The devices that ILGPU sees, and the way to them.</summary>
public sealed class AcceleratorDiscovery : IDisposable
{
    private readonly Context _context;
    private readonly Dictionary<DeviceDescription, Device> _devices = [];
    private readonly Dictionary<DeviceDescription, KernelLoader> _opened = [];

    /// <summary>Looks for devices of some kinds.</summary>
    /// <param name="kinds">Which kinds; none for all.</param>
    public AcceleratorDiscovery(params DeviceKind[] kinds)
        : this(isProfiling: false, kinds)
    {
    }

    /// <summary>Looks for devices of some kinds.</summary>
    /// <param name="isProfiling">Whether their queues keep times, which OpenCL wants to know beforehand.</param>
    /// <param name="kinds">Which kinds; none for all.</param>
    public AcceleratorDiscovery(bool isProfiling, params DeviceKind[] kinds)
        // Each lane is an operating-system thread that waits at every barrier: few are quickest.
        : this(new CPUDevice(numThreadsPerWarp: 2, numWarpsPerMultiprocessor: 1, numMultiprocessors: 1), isProfiling, kinds)
    {
    }

    /// <summary>The same with a CPU accelerator of another size: kernels in groups of many threads need as many lanes.</summary>
    internal AcceleratorDiscovery(CPUDevice cpu, bool isProfiling, params DeviceKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        bool all = kinds.Length == 0;
        DriverWorkarounds.FindLibraries();
        _context = Context.Create(builder =>
        {
            GeneratedCode.ConfigureCompiler(builder);
            if (isProfiling)
            {
                builder.Profiling();
            }

            if (all || kinds.Contains(DeviceKind.Cuda))
            {
                builder.Cuda();
            }

            if (all || kinds.Contains(DeviceKind.OpenCL))
            {
                builder.OpenCL(_ => true);
            }

            if (all || kinds.Contains(DeviceKind.Cpu))
            {
                builder.CPU(cpu);
            }
        });
        Describe<CudaDevice>(DescribeCuda);
        Describe<CLDevice>(DescribeOpenCl, IsGpu);
        if (all || kinds.Contains(DeviceKind.Cpu))
        {
            // ILGPU adds a CPU device of its own to a context without any other.
            Describe<CPUDevice>(DescribeCpu);
        }
    }

    /// <summary>The same for kernels in groups of so many threads, for which ILGPU's CPU accelerator needs as many lanes.</summary>
    /// <param name="threads">Threads of a group, a power of 2, at least 32.</param>
    /// <param name="kinds">Which kinds; none for all.</param>
    public static AcceleratorDiscovery ForGroupsOf(int threads, params DeviceKind[] kinds) => new(
        new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: threads / 32, numMultiprocessors: 1),
        isProfiling: false, kinds);

    /// <summary>What was found: CUDA devices, OpenCL devices with GPUs first, the CPU accelerator.</summary>
    public IReadOnlyList<DeviceDescription> Devices => [.. _devices.Keys];

    /// <summary>Where generated code is kept between runs; null, as it is to begin with, for nowhere.</summary>
    /// <exception cref="InvalidOperationException">A device is open, and has its kernels from elsewhere.</exception>
    internal KernelCache? KernelCache
    {
        get;
        set => field = _opened.Count == 0
            ? value
            : throw new InvalidOperationException("Where kernels are kept is said before a device is opened.");
    }

    /// <summary>The context that the devices belong to.</summary>
    internal Context Context => _context;

    /// <summary>Opens a device, or gives it again: kernels compiled for it once serve all who train on it.</summary>
    /// <param name="device">One of <see cref="Devices"/>.</param>
    /// <exception cref="DeviceException">Its driver refuses.</exception>
    internal KernelLoader Open(DeviceDescription device)
    {
        try
        {
            if (!_opened.TryGetValue(device, out KernelLoader? loader))
            {
                Accelerator accelerator = _devices[device].CreateAccelerator(_context);
                loader = new KernelLoader(accelerator, KernelCache);
                _opened.Add(device, loader);
                if (device.Kind == DeviceKind.Cuda)
                {
                    DriverWorkarounds.GiveOwnStream(accelerator);
                }
            }

            return loader;
        }
        catch (Exception failure) when (DeviceException.IsOfDriver(failure))
        {
            throw DeviceException.For(device, failure);
        }
    }

    /// <summary>The most that a device can do, as far as its driver says; a processor's is for the caller to measure.</summary>
    /// <param name="device">One of <see cref="Devices"/>.</param>
    /// <returns>Null for a processor.</returns>
    public DevicePeak? PeakOf(DeviceDescription device) => _devices[device] switch
    {
        CudaDevice cuda => DevicePeak.OfCuda(
            cuda.NumMultiprocessors,
            cuda.Architecture?.Major ?? 0,
            cuda.Architecture?.Minor ?? 0,
            Attribute(cuda, DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
            Attribute(cuda, DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
            Attribute(cuda, DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH)),
        CLDevice openCl when IsGpu(openCl) => new DevicePeak(
            null, null, "unknown: OpenCL tells neither the cores of a compute unit nor the memory's clock"),
        _ => null,
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KernelLoader loader in _opened.Values)
        {
            loader.Accelerator.Dispose();
        }

        _context.Dispose();
    }

    // ILGPU's own properties divide the clocks, and lose digits.
    private static int Attribute(CudaDevice device, DeviceAttributeKind kind) =>
        CudaAPI.CurrentAPI.GetDeviceAttribute(kind, device.DeviceId);

    private static bool IsGpu(CLDevice device) => (device.DeviceType & CLDeviceType.CL_DEVICE_TYPE_GPU) != 0;

    private static DeviceDescription DescribeCuda(CudaDevice device, int index) => new(
        DeviceKind.Cuda, index, device.Name, IsGpu: true, device.MemorySize, device.NumMultiprocessors,
        $"CUDA driver {device.DriverVersion}, architecture {device.Architecture}", "");

    private static DeviceDescription DescribeOpenCl(CLDevice device, int index)
    {
        bool helped = DriverWorkarounds.PretendGenericAddressSpace(device);
        return new(
            DeviceKind.OpenCL, index, device.Name, IsGpu(device), device.MemorySize, device.NumMultiprocessors,
            $"{device.PlatformName}, OpenCL C {device.CVersion}",
            helped ? "reports no generic address space; enabled all the same, since these kernels do not use it" : "");
    }

    private static DeviceDescription DescribeCpu(CPUDevice device, int index) => new(
        DeviceKind.Cpu, index, "ILGPU CPU accelerator", IsGpu: false, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        device.NumMultiprocessors, $"ILGPU {typeof(Context).Assembly.GetName().Version?.ToString(3)}",
        "a simulator for tests and debugging, and slow");

    /// <summary>Describes the devices of a type, preferred ones first.</summary>
    private void Describe<TDevice>(Func<TDevice, int, DeviceDescription> describe, Predicate<TDevice>? prefer = null)
        where TDevice : Device
    {
        int index = 0;
        foreach (TDevice device in _context.Devices.OfType<TDevice>()
            .OrderByDescending(device => prefer?.Invoke(device) ?? false))
        {
            _devices.Add(describe(device, index), device);
            index++;
        }
    }
}
