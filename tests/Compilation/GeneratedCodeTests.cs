using System.Reflection;
using System.Text.RegularExpressions;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Tests.Compilation;

/// <summary>PTX that is kept and restored, and the name that it is kept by.</summary>
public sealed partial class GeneratedCodeTests : IDisposable
{
    private static readonly MethodInfo s_update =
        typeof(FusedKernels).GetMethod(nameof(FusedKernels.Update))!.MakeGenericMethod(typeof(Sgd), typeof(FusedShares));

    private static readonly KernelSpecialization s_group = new(FusedKernels.UpdateThreads, null);

    private readonly Context _context = Context.Create(GeneratedCode.ConfigureCompiler);

    [Fact]
    public void ARestoredKernelIsWhatTheCompilerMadeOfIt()
    {
        using PTXBackend backend = BackendFor(CudaArchitecture.SM_80);
        EntryPointDescription[] kernels =
        [
            EntryPointDescription.FromExplicitlyGroupedKernel(s_update),
            EntryPointDescription.FromImplicitlyGroupedKernel(typeof(OutputKernels)
                .GetMethod(nameof(OutputKernels.Backward))!
                .MakeGenericMethod(typeof(Tanh), typeof(Tanh), typeof(SquaredError))),
        ];
        foreach (EntryPointDescription entry in kernels)
        {
            KernelSpecialization group = entry.IndexType == IndexType.KernelConfig ? s_group : default;
            CompiledKernel compiled = backend.Compile(entry, group);
            GeneratedCode code = GeneratedCode.Of(compiled);

            CompiledKernel restored = code.Restore(backend, entry, group);

            Assert.Equal(((PTXCompiledKernel)compiled).PTXAssembly, Assert.IsType<PTXCompiledKernel>(restored).PTXAssembly);
            Assert.Equal(compiled.Name, restored.Name);
            Assert.Equal(compiled.IndexType, restored.IndexType);
            Assert.Equal(compiled.SourceMethod, restored.SourceMethod);
            Assert.Equal(compiled.Specialization, restored.Specialization);
            Assert.Equal(compiled.NumParameters, restored.NumParameters);
            Assert.Equal(code, GeneratedCode.Of(restored));
            Assert.Equal(entry.IndexType == IndexType.KernelConfig ? FusedKernels.UpdateThreads * 16 : 0, code.SharedBytes);
            Assert.False(code.HasDynamicMemory);
        }
    }

    /// <summary>
    /// ILGPU lets what it has made before decide the order of instructions, and with it what a driver makes of them.
    /// </summary>
    [Fact]
    public void WhatWasMadeBeforeDecidesNothing()
    {
        using PTXBackend backend = BackendFor(CudaArchitecture.SM_80);
        EntryPointDescription update = EntryPointDescription.FromExplicitlyGroupedKernel(s_update);
        EntryPointDescription[] others =
        [
            .. new[] { nameof(FusedKernels.Gradient), nameof(FusedKernels.Evaluate) }.Select(name =>
            {
                MethodInfo method = typeof(FusedKernels).GetMethod(name)!;
                Type[] types = [typeof(Tanh), typeof(Tanh), typeof(SquaredError), typeof(NoBoundary)];
                return EntryPointDescription.FromExplicitlyGroupedKernel(
                    method.MakeGenericMethod(types[..method.GetGenericArguments().Length]));
            }),
        ];
        KernelSpecialization group = new(FusedKernels.Threads, FusedKernels.GroupsOfMultiprocessor);
        string evaluate = WithoutNumbers(GeneratedCode.Make(backend, others[1], group));
        string first = WithoutNumbers(GeneratedCode.Make(backend, update, s_group));
        backend.Compile(others[0], group);
        GeneratedCode.Make(backend, others[0], group);

        Assert.Equal(first, WithoutNumbers(GeneratedCode.Make(backend, update, s_group)));
        Assert.Equal(evaluate, WithoutNumbers(GeneratedCode.Make(backend, others[1], group)));
        Assert.NotEqual(evaluate, WithoutNumbers(GeneratedCode.Of(backend.Compile(others[1], group))));
    }

    [Fact]
    public void TheSameKernelHasTheSameNameAndAnyOtherAnother()
    {
        using PTXBackend backend = BackendFor(CudaArchitecture.SM_80);
        using PTXBackend older = BackendFor(CudaArchitecture.SM_75);
        using Context again = Context.Create(GeneratedCode.ConfigureCompiler);
        using PTXBackend same = new(again, CudaArchitecture.SM_80, CudaInstructionSet.ISA_70, nvvmAPI: null!);
        EntryPointDescription sgd = EntryPointDescription.FromExplicitlyGroupedKernel(s_update);
        EntryPointDescription adam = EntryPointDescription.FromExplicitlyGroupedKernel(typeof(FusedKernels)
            .GetMethod(nameof(FusedKernels.Update))!.MakeGenericMethod(typeof(Adam), typeof(FusedShares)));

        string name = KernelIdentity.Of(backend, sgd, s_group)!;
        string[] others =
        [
            KernelIdentity.Of(backend, adam, s_group)!,
            KernelIdentity.Of(backend, sgd, new KernelSpecialization(FusedKernels.UpdateThreads, 2))!,
            KernelIdentity.Of(older, sgd, s_group)!,
        ];

        Assert.Matches("^FusedKernels[.]Update-[0-9a-f]{64}[.]ptx$", name);
        Assert.Equal(name, KernelIdentity.Of(same, sgd, s_group));
        Assert.Equal(others.Length + 1, others.Append(name).Distinct().Count());
    }

    public void Dispose() => _context.Dispose();

    private PTXBackend BackendFor(CudaArchitecture architecture) =>
        new(_context, architecture, CudaInstructionSet.ISA_70, nvvmAPI: null!);

    /// <summary>With names numbered as they appear, not as ILGPU numbers all that it makes in a process.</summary>
    private static string WithoutNumbers(GeneratedCode code)
    {
        Dictionary<string, int> numbers = [];
        return Number().Replace(code.Text, match =>
        {
            numbers.TryAdd(match.Value, numbers.Count);
            return $"{numbers[match.Value]}";
        });
    }

    [GeneratedRegex(@"(?<=[A-Za-z_])\d{3,}")]
    private static partial Regex Number();
}
