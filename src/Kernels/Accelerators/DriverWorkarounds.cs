using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// Three things that keep ILGPU from devices, or from what they can do, and their cures. All are here so that they can go
/// the day ILGPU no longer needs them.
/// </summary>
internal static class DriverWorkarounds
{
    /// <summary>
    /// ILGPU loads libraries called <c>OpenCL</c> and <c>cuda</c>; a Linux system without development files, and many a
    /// container, has only <c>libOpenCL.so.1</c> and <c>libcuda.so.1</c>, so that ILGPU finds no device at all.
    /// </summary>
    public static void FindLibraries() => s_resolver.Value.GetHashCode();

    /// <summary>
    /// ILGPU refuses devices without a generic address space. Kernels that take views, as ours do, never use it, so we
    /// let ILGPU believe in it.
    /// </summary>
    /// <returns>Whether the device had to be helped.</returns>
    public static bool PretendGenericAddressSpace(CLDevice device)
    {
        if (device.Capabilities.GenericAddressSpace)
        {
            return false;
        }

        PropertyInfo property = typeof(CLCapabilityContext).GetProperty(nameof(CLCapabilityContext.GenericAddressSpace))
            ?? throw new MissingMemberException(nameof(CLCapabilityContext), "GenericAddressSpace");
        property.SetValue(device.Capabilities, true);
        return true;
    }

    /// <summary>
    /// ILGPU's default stream on CUDA is the driver's own, which cannot be recorded (<see cref="CudaGraph"/>) and waits for
    /// every other stream of the process. Everything here goes to the default stream, so one of its own takes its place.
    /// </summary>
    public static void GiveOwnStream(Accelerator accelerator)
    {
        PropertyInfo property = typeof(Accelerator).GetProperty(nameof(Accelerator.DefaultStream))
            ?? throw new MissingMemberException(nameof(Accelerator), nameof(Accelerator.DefaultStream));
        property.SetValue(accelerator, accelerator.CreateStream());
    }

    // A resolver can be set once a process, hence the Lazy.
    private static readonly Lazy<object> s_resolver = new(() =>
    {
        foreach (Assembly importer in new[] { typeof(Context).Assembly, typeof(DriverWorkarounds).Assembly })
        {
            NativeLibrary.SetDllImportResolver(importer, (name, assembly, path) =>
                FileOf(name) is { } file && NativeLibrary.TryLoad(file, out nint library) ? library : 0);
        }

        return new object();
    });

    private static string? FileOf(string library) =>
        OperatingSystem.IsLinux() && library is ("OpenCL" or "cuda") ? $"lib{library}.so.1"
        : OperatingSystem.IsWindows() && library is "cuda" ? "nvcuda"
        : null;
}
