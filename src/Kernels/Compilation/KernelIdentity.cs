using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>All that decides what ILGPU makes of a kernel: where two are the same, so are the texts.</summary>
internal static class KernelIdentity
{
    // Whose code kernels are made of, and who translates it. A module's version identifier changes with its content.
    private static readonly string s_modules = string.Join('\n', new[]
    {
        typeof(KernelIdentity), typeof(Model.Shape1989), typeof(Context), typeof(AlgorithmContext), typeof(MathF),
    }.Select(type => $"{type.Module.Name} {type.Module.ModuleVersionId}"));

    /// <summary>The name of a kernel's text among all that there may be: the method's own, and a hash of everything else.</summary>
    /// <param name="backend">The device's compiler.</param>
    /// <param name="entry">The kernel's method.</param>
    /// <param name="specialization">Threads of its groups.</param>
    /// <returns>
    /// Letters, digits, '-' and '.'; null for a device whose kernels have no text.
    /// </returns>
    public static string? Of(Backend backend, in EntryPointDescription entry, in KernelSpecialization specialization)
    {
        (string Device, string Ending)? target = backend switch
        {
            PTXBackend ptx => ($"{ptx.Architecture} {ptx.InstructionSet}", ".ptx"),
            CLBackend openCl => (
                $"{openCl.Vendor} {openCl.CLStdVersion} {string.Join(',', openCl.Capabilities.Extensions)}", ".cl"),
            _ => null,
        };
        if (target is not { } found)
        {
            return null;
        }

        MethodInfo method = entry.MethodSource;
        string everything = string.Join(
            '\n',
            s_modules,
            RuntimeInformation.ProcessArchitecture,
            found.Device,
            Flags(backend.Capabilities),
            Flags(backend.Context.Properties),
            specialization,
            entry.IndexType,
            method.DeclaringType?.FullName,
            method.Name,
            string.Join(',', method.GetGenericArguments().Select(argument => argument.FullName)),
            string.Join(',', method.GetParameters().Select(parameter => parameter.ParameterType.FullName)));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(everything)));
        return $"{method.DeclaringType?.Name}.{method.Name}-{hash}{found.Ending}";
    }

    /// <summary>Every public setting of an object that is a value: what a device can do, how a compiler is to compile.</summary>
    private static string Flags(object settings) => string.Join(',', settings.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.PropertyType.IsValueType)
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => string.Create(
            CultureInfo.InvariantCulture, $"{property.Name}={property.GetValue(settings)}")));
}
