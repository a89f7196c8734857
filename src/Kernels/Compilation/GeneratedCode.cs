using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR.Types;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

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
    /// <summary>How kernels are compiled, on every device and in tests of what the compiler makes of them.</summary>
    internal static void ConfigureCompiler(Context.Builder builder)
    {
        builder.Optimize(OptimizationLevel.O2);

        // Exponential and logarithm have no form of their own on CUDA; ILGPU.Algorithms brings one.
        builder.EnableAlgorithms();
    }

    /// <summary>
    /// Has ILGPU make it, in a context of its own: in one that has made others, instructions come in another order.
    /// </summary>
    /// <param name="device">The compiler of the device that it is for.</param>
    /// <param name="entry">The kernel's method.</param>
    /// <param name="specialization">Threads of its groups.</param>
    /// <exception cref="NotSupportedException">The device's kernels have no text.</exception>
    public static GeneratedCode Make(
        Backend device, in EntryPointDescription entry, in KernelSpecialization specialization)
    {
        using Context context = Context.Create(builder =>
        {
            ConfigureCompiler(builder);

            // Otherwise they depend on whether there is a debugger.
            builder.DebugSymbols(DebugSymbolsMode.Disabled);
        });
        using Backend backend = device switch
        {
            PTXBackend ptx => new PTXBackend(
                context, (CudaCapabilityContext)ptx.Capabilities, ptx.Architecture, ptx.InstructionSet, nvvmAPI: null),
            CLBackend openCl => new CLBackend(context, openCl.Capabilities, openCl.Vendor, openCl.CLStdVersion),
            _ => throw WithoutText(device),
        };
        return Of(backend.Compile(entry, specialization));
    }

    /// <summary>What there is of a compiled kernel.</summary>
    /// <exception cref="NotSupportedException">It is one of ILGPU's CPU accelerator, and has no text.</exception>
    public static GeneratedCode Of(CompiledKernel kernel)
    {
        SharedMemorySpecification memory = EntryPointOf(kernel).SharedMemory;
        string text = kernel switch
        {
            PTXCompiledKernel ptx => ptx.PTXAssembly,
            CLCompiledKernel openCl => openCl.Source,
            _ => throw new NotSupportedException($"{kernel.Name} has no text."),
        };
        return new GeneratedCode(text, memory.StaticSize, memory.HasDynamicMemory);
    }

    /// <summary>The compiled kernel that this is the text of, as the device's own compiler would make it.</summary>
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
            _ => throw WithoutText(backend),
        };
    }

    private static NotSupportedException WithoutText(Backend backend) =>
        new($"Kernels of {backend.BackendType} have no text.");

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
