using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Every kernel's PTX, as an NVIDIA driver would get it: what can be known of CUDA without a GPU.</summary>
public partial class PtxTests(ITestOutputHelper output)
{
    private static readonly ConcurrentDictionary<(MethodInfo Kernel, CudaArchitecture Architecture), Lazy<string>> s_compiled = [];

    [Theory]
    [InlineData(7, 5)]
    [InlineData(8, 0)]
    public void EveryKernelStaysInRegistersAndCallsNothing(int major, int minor)
    {
        foreach ((string name, MethodInfo kernel) in Kernels().Concat(MatrixKernelsOf()))
        {
            string ptx = Compile(kernel, new CudaArchitecture(major, minor));

            int instructions = Instruction().Count(ptx);
            output.WriteLine($"sm_{major}{minor} {name}: {instructions} instructions, {FusedOrFloat().Count(ptx)} of them float arithmetic");
            Assert.InRange(instructions, 10, 5_000);
            AssertStaysInRegistersAndCallsNothing(ptx);
        }
    }

    [Fact]
    public void TheFusedKernelFitsIntoTheSharedMemoryAndLoadsSixteenBytesAtATime()
    {
        foreach ((string name, MethodInfo kernel) in FusedKernelsOf())
        {
            string ptx = Compile(kernel, CudaArchitecture.SM_80);

            int shared = Shared().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            int instructions = Instruction().Count(ptx);
            output.WriteLine($"{name}: {instructions} instructions, {shared} bytes of shared memory");
            Assert.InRange(shared, 1, 48 * 1024);
            AssertStaysInRegistersAndCallsNothing(ptx);
        }
    }

    [Theory]
    [InlineData(7, 5)]
    [InlineData(8, 0)]
    public void AnEnsembleStaysOnTheChip(int major, int minor)
    {
        foreach ((string name, MethodInfo kernel) in EnsembleKernelsOf())
        {
            string ptx = Compile(kernel, new CudaArchitecture(major, minor));

            int shared = Shared().Matches(ptx).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            output.WriteLine($"sm_{major}{minor} {name}: {Instruction().Count(ptx)} instructions, {shared} bytes of shared memory");
            Assert.Equal(EnsembleLayout.Bytes, shared);
            Assert.InRange(shared, 1, 48 * 1024);
            Assert.Contains("ld.shared.v4", ptx, StringComparison.Ordinal);
            AssertStaysInRegistersAndCallsNothing(ptx);

            // A load or store that is not told where it goes is slower.
            Assert.DoesNotContain("ld.f32", ptx, StringComparison.Ordinal);
            Assert.DoesNotContain("st.f32", ptx, StringComparison.Ordinal);

            // What has no state writes to the device's memory once a launch: the parameters, at its end.
            if (name.Contains(nameof(OnChipSgd), StringComparison.Ordinal))
            {
                Assert.Single(StoreToMemory().Matches(ptx));
            }
        }
    }

    [Fact]
    public void EveryKernelThereIsIsCompiled()
    {
        IEnumerable<string> all = typeof(H1Kernels).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(H1Kernels).Namespace && type.Name.EndsWith("Kernels", StringComparison.Ordinal))
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
            .Where(method => method.ReturnType == typeof(void))
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}");

        Assert.Equal(
            all.Order(), Kernels().Select(kernel => kernel.Name.Split('<')[0]).Distinct().Order());
        Assert.Equal(
            typeof(KernelSet).GetFields()
                .Concat(typeof(CurvatureKernelSet).GetFields())
                .Concat(typeof(DistortedImages).GetFields(BindingFlags.NonPublic | BindingFlags.Instance))
                .Concat(typeof(AcceleratorTrainer).GetFields(BindingFlags.NonPublic | BindingFlags.Instance))
                .Where(field => field.FieldType.IsSubclassOf(typeof(Delegate))
                    && field.FieldType.GetMethod(nameof(Action.Invoke))!.ReturnType == typeof(void))
                .DistinctBy(field => field.Name)
                .Count(),
            all.Count());
    }

    internal static void AssertStaysInRegistersAndCallsNothing(string ptx)
    {
        // ILGPU makes max.f32 and min.f32 of MathF.Max and MathF.Min, which lose what is no number: findings/ilgpu-max-drops-nan.sh.
        foreach (string unwanted in new[]
        {
            ".local", ".extern .func", "tanh.approx", "div.approx", "div.full", "sqrt.approx", "max.f32", "min.f32", "atom.", ".f64",
        })
        {
            Assert.DoesNotContain(unwanted, ptx, StringComparison.Ordinal);
        }
    }

    /// <summary>A kernel's PTX, which is made once: to compile one takes a second, and several tests read it.</summary>
    internal static string Compile(MethodInfo kernel, CudaArchitecture architecture) =>
        s_compiled.GetOrAdd(
            (kernel, architecture),
            _ => new Lazy<string>(() => Compile(
                kernel, architecture, IsGrouped(kernel) ? new(GroupSize(kernel), GroupsOfMultiprocessor(kernel)) : default))).Value;

    /// <summary>A kernel's PTX, for groups of one's choice.</summary>
    /// <param name="kernel">The kernel's method.</param>
    /// <param name="architecture">What it is compiled for.</param>
    /// <param name="group">
    /// Threads of its groups, and how many groups a multiprocessor should have registers for at once; nothing where it is not grouped.
    /// </param>
    internal static string Compile(MethodInfo kernel, CudaArchitecture architecture, KernelSpecialization group)
    {
        using Context context = Context.Create(GeneratedCode.ConfigureCompiler);
        using PTXBackend backend = new(context, architecture, CudaInstructionSet.ISA_70, nvvmAPI: null!);
        EntryPointDescription entry = IsGrouped(kernel)
            ? EntryPointDescription.FromExplicitlyGroupedKernel(kernel)
            : EntryPointDescription.FromImplicitlyGroupedKernel(kernel);
        return ((PTXCompiledKernel)backend.Compile(entry, group)).PTXAssembly;
    }

    private static bool IsGrouped(MethodInfo kernel) =>
        kernel.GetParameters()[0].ParameterType is var first && first != typeof(Index1D) && first != typeof(Index2D);

    /// <summary>The groups that a multiprocessor should have registers for at once, with which a kernel is compiled.</summary>
    internal static int? GroupsOfMultiprocessor(MethodInfo kernel) =>
        kernel.DeclaringType == typeof(EnsembleKernels) ? EnsembleKernels.GroupsOfMultiprocessor
        : kernel.DeclaringType == typeof(FusedKernels) && kernel.Name != nameof(FusedKernels.Update)
            ? FusedKernels.GroupsOfMultiprocessor
        : kernel.DeclaringType == typeof(TensorKernels) ? TensorKernels.GroupsOfMultiprocessor
            : null;

    private static int GroupSize(MethodInfo kernel) =>
        kernel.Name is nameof(FusedKernels.Update) or nameof(FusedMatrixKernels.Direct) ? FusedKernels.UpdateThreads
        : kernel.DeclaringType == typeof(FusedKernels) ? FusedKernels.Threads
        : kernel.DeclaringType == typeof(TensorKernels) ? TensorKernels.Threads
        : kernel.DeclaringType == typeof(EnsembleKernels) ? EnsembleKernels.Threads
        : kernel.DeclaringType == typeof(TensorMatrixKernels) ? TensorMatrixKernels.Threads
        : kernel.DeclaringType == typeof(MatrixKernels) || kernel.DeclaringType == typeof(FusedMatrixKernels) ? MatrixKernels.Threads
        : 128;

    internal static IEnumerable<(string Name, MethodInfo Kernel)> Kernels()
    {
        foreach (Type hidden in new[] { typeof(Tanh), typeof(ScaledTanh), typeof(ReLU), typeof(Gelu) })
        {
            yield return Kernel(typeof(H1Kernels), nameof(H1Kernels.Forward), hidden);
            yield return Kernel(typeof(H2Kernels), nameof(H2Kernels.Forward), hidden, typeof(GroupedTable));
            yield return Kernel(typeof(H2Kernels), nameof(H2Kernels.Forward), hidden, typeof(AnyTable));
            yield return Kernel(typeof(H3Kernels), nameof(H3Kernels.Forward), hidden);
            yield return Kernel(typeof(H3Kernels), nameof(H3Kernels.BackwardInput), hidden);
            yield return Kernel(typeof(H2Kernels), nameof(H2Kernels.BackwardInput), hidden);
            foreach ((Type outputs, Type loss) in new[]
            {
                (typeof(Tanh), typeof(SquaredError)),
                (typeof(ScaledTanh), typeof(SquaredError)),
                (typeof(Linear), typeof(SquaredError)),
                (typeof(Linear), typeof(SoftmaxCrossEntropy)),
            })
            {
                yield return Kernel(typeof(OutputKernels), nameof(OutputKernels.Backward), hidden, outputs, loss);
            }
        }

        yield return Kernel(typeof(OutputKernels), nameof(OutputKernels.Forward), typeof(Tanh));
        yield return Kernel(typeof(OutputKernels), nameof(OutputKernels.Forward), typeof(ScaledTanh));
        yield return Kernel(typeof(OutputKernels), nameof(OutputKernels.Forward), typeof(Linear));
        yield return Kernel(typeof(OutputKernels), nameof(OutputKernels.Evaluate), typeof(SquaredError));
        yield return Kernel(typeof(OutputKernels), nameof(OutputKernels.Evaluate), typeof(SoftmaxCrossEntropy));
        yield return Kernel(typeof(DistortionKernels), nameof(DistortionKernels.Distort), typeof(ImagesByPixel));
        yield return Kernel(typeof(DistortionKernels), nameof(DistortionKernels.Distort), typeof(ImagesByExample));
        foreach (Type border in new[] { typeof(PaddingBorder), typeof(SquaredBorder) })
        {
            yield return Kernel(typeof(H1Kernels), nameof(H1Kernels.BackwardWeights), border);
            yield return Kernel(typeof(H2Kernels), nameof(H2Kernels.BackwardWeights), typeof(GroupedTable), border);
            yield return Kernel(typeof(H2Kernels), nameof(H2Kernels.BackwardWeights), typeof(AnyTable), border);
        }

        foreach (Type hidden in new[] { typeof(Tanh), typeof(ScaledTanh), typeof(ReLU), typeof(Gelu) })
        {
            yield return Kernel(typeof(SquareKernels), nameof(SquareKernels.Units), hidden);
        }

        Type squared = typeof(Squared<ScaledTanh>);
        yield return Kernel(typeof(H3Kernels), nameof(H3Kernels.BackwardInput), squared);
        yield return Kernel(typeof(H2Kernels), nameof(H2Kernels.BackwardInput), squared);
        yield return Kernel(
            typeof(OutputKernels), nameof(OutputKernels.BackwardCurvature), squared, typeof(ScaledTanh), typeof(HalfSquaredError));
        yield return Kernel(
            typeof(OutputKernels), nameof(OutputKernels.BackwardCurvature), squared, typeof(Linear), typeof(SoftmaxCrossEntropy));
        yield return Kernel(typeof(SquareKernels), nameof(SquareKernels.Parameters));
        yield return Kernel(typeof(SquareKernels), nameof(SquareKernels.Images));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.UpdateByCurvature), typeof(Newton));
        yield return Kernel(typeof(DenseWeightKernels), nameof(DenseWeightKernels.Backward));
        yield return Kernel(typeof(BiasKernels), nameof(BiasKernels.Backward));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Gradient));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Update), typeof(Sgd));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Update), typeof(Adam));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Update), typeof(ScheduleFreeAdamW));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Update), typeof(Lion));
        yield return Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Average));
        yield return Kernel(typeof(NormalizationKernels), nameof(NormalizationKernels.Project), typeof(Sgd));
        yield return Kernel(typeof(NormalizationKernels), nameof(NormalizationKernels.Project), typeof(Adam));
        yield return Kernel(typeof(NormalizationKernels), nameof(NormalizationKernels.Scale));
    }

    internal static IEnumerable<(string Name, MethodInfo Kernel)> FusedKernelsOf()
    {
        foreach (Type hidden in new[] { typeof(Tanh), typeof(ScaledTanh), typeof(ReLU) })
        {
            yield return Kernel(
                typeof(FusedKernels), nameof(FusedKernels.Gradient), hidden, typeof(Tanh), typeof(SquaredError),
                typeof(NoBoundary));
            yield return Kernel(
                typeof(FusedKernels), nameof(FusedKernels.Gradient), hidden, typeof(Linear),
                typeof(SoftmaxCrossEntropy), typeof(NoBoundary));
        }

        yield return Kernel(
            typeof(FusedKernels), nameof(FusedKernels.Evaluate), typeof(Tanh), typeof(Tanh), typeof(SquaredError));
        yield return Kernel(
            typeof(FusedKernels), nameof(FusedKernels.Evaluate), typeof(ReLU), typeof(Linear),
            typeof(SoftmaxCrossEntropy));
        yield return Kernel(typeof(FusedKernels), nameof(FusedKernels.Update), typeof(Sgd), typeof(FusedShares));
        yield return Kernel(typeof(FusedKernels), nameof(FusedKernels.Update), typeof(Adam), typeof(FusedShares));
        yield return Kernel(typeof(FusedKernels), nameof(FusedKernels.Update), typeof(Adam), typeof(TensorShares));
        foreach (Type layout in new[] { typeof(FusedShares), typeof(TensorShares) })
        {
            yield return Kernel(typeof(FusedMatrixKernels), nameof(FusedMatrixKernels.Direct), typeof(Muon), typeof(Adam), layout);
        }
    }

    /// <summary>Those that move matrices of any size.</summary>
    internal static IEnumerable<(string Name, MethodInfo Kernel)> MatrixKernelsOf()
    {
        yield return Kernel(typeof(MatrixKernels), nameof(MatrixKernels.Direct), typeof(Muon), typeof(Adam));
        yield return Kernel(typeof(MatrixKernels), nameof(MatrixKernels.Step), typeof(Muon));
        yield return Kernel(typeof(FusedMatrixKernels), nameof(FusedMatrixKernels.Step), typeof(Muon));
    }

    /// <summary>Those on tensor cores: ILGPU passes a product's operands through local memory, which NVIDIA's assembler removes.</summary>
    internal static IEnumerable<(string Name, MethodInfo Kernel)> TensorKernelsOf()
    {
        foreach (Type hidden in new[] { typeof(ExponentialTanh), typeof(ScaledTanh), typeof(ReLU) })
        {
            yield return Kernel(
                typeof(TensorKernels), nameof(TensorKernels.Gradient), hidden, typeof(Linear), typeof(SoftmaxCrossEntropy));
        }

        yield return Kernel(
            typeof(TensorKernels), nameof(TensorKernels.Gradient), typeof(ExponentialTanh), typeof(Tanh), typeof(SquaredError));
        yield return Kernel(
            typeof(TensorKernels), nameof(TensorKernels.Evaluate), typeof(ExponentialTanh), typeof(Tanh), typeof(SquaredError));
        yield return Kernel(
            typeof(TensorKernels), nameof(TensorKernels.Evaluate), typeof(ReLU), typeof(Linear), typeof(SoftmaxCrossEntropy));
        yield return Kernel(typeof(TensorMatrixKernels), nameof(TensorMatrixKernels.Step), typeof(Muon));
        yield return Kernel(typeof(TensorMatrixKernels), nameof(TensorMatrixKernels.PlannedStep), typeof(Muon));
    }

    internal static IEnumerable<(string Name, MethodInfo Kernel)> EnsembleKernelsOf()
    {
        Type[] noState = [typeof(OnChipSgd)];
        (Type Hidden, Type Output, Type Loss, Type[] Rules)[] networks =
        [
            (typeof(Tanh), typeof(Tanh), typeof(SquaredError), [.. noState, typeof(RuleWithState<Sgd>)]),
            (typeof(ScaledTanh), typeof(ScaledTanh), typeof(SquaredError), noState),
            (typeof(Tanh), typeof(Linear), typeof(SoftmaxCrossEntropy), noState),
            (typeof(ReLU), typeof(Linear), typeof(SoftmaxCrossEntropy), [typeof(RuleWithState<Adam>)]),
        ];
        foreach ((Type hidden, Type outputs, Type loss, Type[] rules) in networks)
        {
            foreach (Type rule in rules)
            {
                yield return Kernel(
                    typeof(EnsembleKernels), nameof(EnsembleKernels.Train), hidden, outputs, loss, rule);
            }

            yield return Kernel(
                typeof(EnsembleKernels), nameof(EnsembleKernels.Evaluate), hidden, outputs, loss);
        }
    }

    private static (string Name, MethodInfo Kernel) Kernel(Type type, string name, params Type[] arguments) =>
        ($"{type.Name}.{name}<{string.Join(", ", arguments.Select(argument => argument.Name))}>",
            arguments.Length == 0 ? type.GetMethod(name)! : type.GetMethod(name)!.MakeGenericMethod(arguments));

    [GeneratedRegex(@"\.shared[^;]*\[(\d+)\];")]
    private static partial Regex Shared();

    [GeneratedRegex(@"st\.global")]
    private static partial Regex StoreToMemory();

    // A line of a body: an optional predicate, an operation, operands and a semicolon.
    [GeneratedRegex(@"^\s+(@!?%p\d+\s+)?[a-z][a-z0-9.]*\s[^;{}]*;", RegexOptions.Multiline)]
    private static partial Regex Instruction();

    [GeneratedRegex(@"^\s+(add|mul|sub|fma|div|sqrt|max|min)[a-z.]*\.f32", RegexOptions.Multiline)]
    private static partial Regex FusedOrFloat();
}
