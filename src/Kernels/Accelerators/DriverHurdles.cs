using System.Reflection;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime.OpenCL;

namespace GpuConvnet.Kernels.Accelerators;

/// <summary>
/// Two things that keep ILGPU from devices which can run our kernels, and their cures. Both are here so that they can go
/// the day ILGPU no longer needs them.
/// </summary>
internal static class DriverHurdles
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

    // A resolver can be set once a process, hence the Lazy.
    private static readonly Lazy<object> s_resolver = new(() =>
    {
        foreach (Assembly importer in new[] { typeof(Context).Assembly, typeof(DriverHurdles).Assembly })
        {
            NativeLibrary.SetDllImportResolver(importer, (name, assembly, path) =>
                name is "OpenCL" or "cuda"
                && OperatingSystem.IsLinux()
                && NativeLibrary.TryLoad($"lib{name}.so.1", out nint library)
                    ? library
                    : 0);
        }

        return new object();
    });
}
