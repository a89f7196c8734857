using GpuConvnet.Kernels.Compilation;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>The devices that ILGPU sees, and the way to them.</summary>
public sealed class AcceleratorDiscovery : IDisposable
{
    private readonly Context _context;
    private readonly Dictionary<DeviceDescription, (DeviceBackend Backend, Device Device)> _devices = [];
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
    internal AcceleratorDiscovery(bool isProfiling, params DeviceKind[] kinds)
        // Each lane is an operating-system thread that waits at every barrier: few are quickest.
        : this(
            Backends(new CPUDevice(numThreadsPerWarp: 2, numWarpsPerMultiprocessor: 1, numMultiprocessors: 1), kinds),
            isProfiling)
    {
    }

    /// <summary>Looks for the devices of some backends.</summary>
    /// <param name="backends">The backends, preferred ones first.</param>
    /// <param name="isProfiling">Whether their queues keep times, which OpenCL wants to know beforehand.</param>
    internal AcceleratorDiscovery(IReadOnlyList<DeviceBackend> backends, bool isProfiling = false)
    {
        DriverWorkarounds.FindLibraries();
        _context = Context.Create(builder =>
        {
            GeneratedCode.ConfigureCompiler(builder);
            if (isProfiling)
            {
                builder.Profiling();
            }

            foreach (DeviceBackend backend in backends)
            {
                backend.Register(builder);
            }
        });
        foreach (DeviceBackend backend in backends)
        {
            foreach ((int index, Device device) in backend.Find(_context).Index())
            {
                _devices.Add(backend.Describe(device, index), (backend, device));
            }
        }
    }

    /// <summary>
    /// The same for kernels in groups of so many threads, for which ILGPU's CPU accelerator needs as many lanes.
    /// </summary>
    /// <param name="threads">Threads of a group, a power of 2, at least 32.</param>
    /// <param name="kinds">Which kinds; none for all.</param>
    internal static AcceleratorDiscovery ForGroupsOf(int threads, params DeviceKind[] kinds) => new(Backends(
        new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: threads / 32, numMultiprocessors: 1), kinds));

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
                (DeviceBackend backend, Device found) = _devices[device];
                loader = new KernelLoader(backend.Open(found, _context), KernelCache);
                _opened.Add(device, loader);
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
    internal DevicePeak? PeakOf(DeviceDescription device)
    {
        (DeviceBackend backend, Device found) = _devices[device];
        return backend.PeakOf(found);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (KernelLoader loader in _opened.Values)
        {
            loader.Accelerator.Dispose();
        }

        _context.Dispose();
    }

    /// <summary>The backends that there are, preferred ones first.</summary>
    /// <param name="cpu">The size of ILGPU's CPU accelerator.</param>
    /// <param name="kinds">Which kinds; none for all.</param>
    private static DeviceBackend[] Backends(CPUDevice cpu, DeviceKind[] kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        DeviceBackend[] all = [new CudaBackend(), new OpenClBackend(), new CpuBackend(cpu)];
        return kinds.Length == 0 ? all : [.. all.Where(backend => kinds.Contains(backend.Kind))];
    }
}
