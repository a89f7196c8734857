using GpuConvnet.Kernels.Accelerators;

namespace GpuConvnet.Tests.Kernels;

/// <summary>The devices that are here, opened once for all tests of a class: compiling kernels takes PoCL seconds.</summary>
public sealed class DiscoveredDevices : IDisposable
{
    public AcceleratorDiscovery Discovery { get; } = new() { KernelCache = KernelsOfTheRun.Folder };

    /// <summary>The first device of a kind; without one, the test is skipped.</summary>
    public DeviceDescription Require(DeviceKind kind)
    {
        DeviceDescription? device = Discovery.Devices.FirstOrDefault(device => device.Kind == kind);
        Assert.SkipWhen(device is null, $"There is no {kind} device here; 'trainer devices' says what to install.");
        return device!;
    }

    public void Dispose() => Discovery.Dispose();
}
