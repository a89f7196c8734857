using System.Collections.Concurrent;
using System.Reflection;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Kernels.Fused;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Simulator.Ptx;

/// <summary>The PTX that ILGPU makes of a kernel, decoded: each once.</summary>
internal static class PtxCompiler
{
    private static readonly ConcurrentDictionary<(MethodInfo Kernel, int Threads), Lazy<(string Ptx, PtxProgram Program)>>
        s_programs = new();

    /// <summary>Compiles a kernel and decodes it.</summary>
    /// <param name="kernels">The class that it is in.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="threads">Threads of a group; 0 for a kernel of a thread an index.</param>
    /// <param name="types">What it is generic in.</param>
    public static PtxProgram Compile(Type kernels, string name, int threads, params Type[] types) =>
        Find(kernels, name, threads, types).Program;

    /// <summary>Compiles a kernel; the same, not decoded.</summary>
    public static string Text(Type kernels, string name, int threads, params Type[] types) =>
        Find(kernels, name, threads, types).Ptx;

    private static (string Ptx, PtxProgram Program) Find(Type kernels, string name, int threads, Type[] types) =>
        s_programs.GetOrAdd(
            (MethodOf(kernels, name, types), threads),
            kernel => new Lazy<(string, PtxProgram)>(() =>
            {
                string ptx = Assembly(kernel.Kernel, kernel.Threads);
                return (ptx, PtxProgram.Parse(ptx));
            })).Value;

    /// <summary>A kernel, made of its generic form where it has one.</summary>
    public static MethodInfo MethodOf(Type kernels, string name, params Type[] types) =>
        types.Length == 0 ? kernels.GetMethod(name)! : kernels.GetMethod(name)!.MakeGenericMethod(types);

    private static string Assembly(MethodInfo kernel, int threads)
    {
        using Context context = Context.Create(GeneratedCode.ConfigureCompiler);
        using PTXBackend backend = new(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, nvvmAPI: null!);
        return ((PTXCompiledKernel)(threads == 0
            ? backend.Compile(EntryPointDescription.FromImplicitlyGroupedKernel(kernel), default)
            : backend.Compile(
                EntryPointDescription.FromExplicitlyGroupedKernel(kernel),
                new KernelSpecialization(threads, GroupsOfMultiprocessor(kernel)))))
            .PTXAssembly;
    }

    /// <summary>The groups that a multiprocessor should have registers for at once, with which a kernel is compiled.</summary>
    public static int? GroupsOfMultiprocessor(MethodInfo kernel) =>
        kernel.DeclaringType == typeof(EnsembleKernels) ? EnsembleKernels.GroupsOfMultiprocessor
        : kernel.DeclaringType == typeof(FusedKernels) && kernel.Name != nameof(FusedKernels.Update)
            ? FusedKernels.GroupsOfMultiprocessor
            : null;
}
