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

/// <summary>
/// All that decides what <see cref="GeneratedCode.Make"/> makes of a kernel: where two are the same, so are the texts, but for
/// the numbers that ILGPU gives to names.
/// </summary>
internal static class KernelIdentity
{
    // Whose code kernels call, and who translates it; how it is to be translated is said in this assembly.
    private static readonly Type[] s_makers =
        [typeof(KernelIdentity), typeof(Model.Shape1989), typeof(Context), typeof(AlgorithmContext), typeof(MathF)];

    /// <summary>
    /// The name of a kernel's text among all that there may be: the method's own, and a hash of everything else.
    /// </summary>
    /// <param name="backend">The device's compiler.</param>
    /// <param name="entry">The kernel's method.</param>
    /// <param name="specialization">Threads of its groups.</param>
    /// <param name="multipliesAndAdds">Whether <see cref="MultiplyAdd"/> goes over the text.</param>
    /// <returns>
    /// Letters, digits, '-' and '.'; null for a device whose kernels have no text.
    /// </returns>
    public static string? Of(
        Backend backend, in EntryPointDescription entry, in KernelSpecialization specialization, bool multipliesAndAdds = false)
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
        Type[] arguments = [.. method.GetGenericArguments().SelectMany(WithArguments)];
        string everything = string.Join(
            '\n',
            VersionsOf(arguments.Concat(s_makers).Select(type => type.Module).Append(method.Module)),
            RuntimeInformation.ProcessArchitecture,
            found.Device,
            multipliesAndAdds,
            Abilities(backend.Capabilities),
            specialization,
            entry.IndexType,
            method.DeclaringType?.FullName,
            method.Name,
            string.Join(',', arguments.Select(argument => argument.FullName)),
            string.Join(',', method.GetParameters().Select(parameter => parameter.ParameterType.FullName)));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(everything)));
        return $"{method.DeclaringType?.Name}.{method.Name}-{hash}{found.Ending}";
    }

    /// <summary>Which versions of the program and of ILGPU make kernels.</summary>
    public static string Makers { get; } = VersionsOf(s_makers.Select(type => type.Module));

    // A module's version identifier changes with its content.
    private static string VersionsOf(IEnumerable<Module> modules) => string.Join(
        ',',
        modules.Distinct().OrderBy(module => module.Name, StringComparer.Ordinal).Select(module => $"{module.Name} {module.ModuleVersionId}"));

    private static IEnumerable<Type> WithArguments(Type type) =>
        type.GetGenericArguments().SelectMany(WithArguments).Prepend(type);

    private static string Abilities(CapabilityContext capabilities) => string.Join(',', capabilities.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.PropertyType == typeof(bool))
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => string.Create(
            CultureInfo.InvariantCulture, $"{property.Name}={property.GetValue(capabilities)}")));
}
