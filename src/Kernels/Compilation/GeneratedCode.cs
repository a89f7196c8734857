using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR.Types;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Compilation;

/// <summary>
/// What ILGPU makes of a kernel for a driver, which compiles it further: PTX or OpenCL C. With its shared memory it is all that
/// ILGPU needs to launch the kernel, so that a text made once serves again.
/// </summary>
/// <param name="Text">The text.</param>
/// <param name="SharedBytes">Bytes of shared memory that the kernel allocates itself.</param>
/// <param name="HasDynamicMemory">Whether a launch gives it more.</param>
internal sealed record GeneratedCode(string Text, int SharedBytes, bool HasDynamicMemory)
{
    /// <summary>What there is of a compiled kernel; null for one of ILGPU's CPU accelerator, which has no text.</summary>
    public static GeneratedCode? Of(CompiledKernel kernel)
    {
        string? text = kernel switch
        {
            PTXCompiledKernel ptx => ptx.PTXAssembly,
            CLCompiledKernel openCl => openCl.Source,
            _ => null,
        };
        SharedMemorySpecification memory = EntryPointOf(kernel).SharedMemory;
        return text is null ? null : new GeneratedCode(text, memory.StaticSize, memory.HasDynamicMemory);
    }

    /// <summary>The compiled kernel that this came from, as <see cref="Backend"/> would make it again.</summary>
    /// <param name="backend">The device's compiler.</param>
    /// <param name="entry">The kernel's method.</param>
    /// <param name="specialization">Threads of its groups.</param>
    /// <exception cref="NotSupportedException">The device's kernels have no text.</exception>
    public CompiledKernel Restore(Backend backend, in EntryPointDescription entry, in KernelSpecialization specialization)
    {
        SharedMemorySpecification memory = new(SharedBytes, HasDynamicMemory);
        return backend switch
        {
            PTXBackend => NewPtxKernel(backend.Context, new EntryPoint(entry, memory, specialization), null, Text),
            CLBackend openCl => new CLCompiledKernel(
                backend.Context,
                new SeparateViewEntryPoint(entry, memory, specialization, TypesOf(backend.Context), FieldsOfOpenClView),
                null, Text, openCl.CLStdVersion),
            _ => throw new NotSupportedException($"Kernels of {backend.BackendType} have no text."),
        };
    }

    // A pointer and a length.
    private const int FieldsOfOpenClView = 2;

    // ILGPU keeps no kernels between runs, and these three to itself.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EntryPoint")]
    private static extern EntryPoint EntryPointOf(CompiledKernel kernel);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_TypeContext")]
    private static extern IRTypeContext TypesOf(Context context);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern PTXCompiledKernel NewPtxKernel(
        Context context, EntryPoint entryPoint, CompiledKernel.KernelInfo? info, string ptxAssembly);
}
