namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// Says of a device what its driver only numbers: failures of the driver become <see cref="DeviceException"/>s.
/// </summary>
/// <param name="device">The device.</param>
internal readonly struct DeviceGuard(DeviceDescription device)
{
    private readonly DeviceDescription _device = device;

    /// <summary>Does work on the device.</summary>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    public void Do(Action work) => Do(() =>
    {
        work();
        return true;
    });

    /// <summary>Does work on the device that has a result.</summary>
    /// <exception cref="DeviceException">The device, its driver or its compiler failed.</exception>
    public T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (DeviceException.IsOfDriver(failure))
        {
            throw DeviceException.For(_device, failure);
        }
    }
}
