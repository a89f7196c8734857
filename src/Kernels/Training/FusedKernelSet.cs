using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary><see cref="FusedKernels"/>, compiled for a device, a network and an optimizer.</summary>
internal struct FusedKernelSet : INetworkVisitor, IOptimizerVisitor
{
    public Action<KernelConfig, FusedNetwork, ArrayView<PlannedStep>, int> Gradient;
    public Action<KernelConfig, FusedNetwork, int, ArrayView<float>, ArrayView<int>, int> Evaluate;
    public Action<KernelConfig, FusedNetwork, ArrayView<PlannedStep>, int, int, ArrayView<float>, ArrayView<float>> Update;

    private KernelLoader _loader;
    private NetworkOptions _options;

    /// <summary>Compiles the kernels.</summary>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static FusedKernelSet Load(KernelLoader loader, NetworkOptions options, Optimizer optimizer)
    {
        FusedKernelSet kernels = new() { _loader = loader, _options = options };
        options.Accept(ref kernels);
        optimizer.Accept(ref kernels);
        return kernels;
    }

    /// <inheritdoc/>
    public void Visit<THidden, TOutput, TLoss>()
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        if (THidden.DerivativeNeedsSum)
        {
            throw new NotSupportedException($"The fused kernel has no hidden activation '{_options.Hidden}'.");
        }

        KernelSpecialization group = new(FusedKernels.Threads, FusedKernels.GroupsOfMultiprocessor);
        _loader.Load(
            KernelKind.FusedGradient,
            _loader.Accelerator.AcceleratorType == AcceleratorType.OpenCL
                ? FusedKernels.Gradient<THidden, TOutput, TLoss, BarrierBetween>
                : FusedKernels.Gradient<THidden, TOutput, TLoss, NoBoundary>,
            out Gradient,
            group);
        _loader.Load(KernelKind.FusedEvaluate, FusedKernels.Evaluate<THidden, TOutput, TLoss>, out Evaluate, group);
    }

    /// <inheritdoc/>
    public void VisitElementwise<TRule>()
        where TRule : struct, IUpdateRule => _loader.Load(
            KernelKind.FusedUpdate, FusedKernels.Update<TRule>, out Update,
            new KernelSpecialization(FusedKernels.UpdateThreads, null));

    /// <inheritdoc/>
    /// <remarks>The step is <see cref="MatrixLauncher"/>'s; the update adds up and keeps the gradient for it.</remarks>
    public void VisitMatrix<TRule, TVectors>()
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule => VisitElementwise<KeptGradient>();

    /// <inheritdoc/>
    public readonly void VisitCurvature<TRule>()
        where TRule : struct, ICurvatureRule =>
        throw new NotSupportedException("The fused kernel has no second derivatives.");
}
