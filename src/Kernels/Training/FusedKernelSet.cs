using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Matrices;
using GpuConvnet.Kernels.Tensor;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Training;

/// <summary><see cref="FusedKernels"/> or <see cref="TensorKernels"/>, compiled for a device, a network and an optimizer.</summary>
internal struct FusedKernelSet : INetworkVisitor, IOptimizerVisitor
{
    public Action<KernelConfig, FusedNetwork, ArrayView<PlannedStep>, int> Gradient;
    public Action<KernelConfig, FusedNetwork, int, ArrayView<float>, ArrayView<int>, int> Evaluate;

    /// <summary>Null where <see cref="MatrixLauncher"/> has the step.</summary>
    public Action<KernelConfig, FusedNetwork, ArrayView<PlannedStep>, int, int, ArrayView<float>, ArrayView<float>>? Update;

    /// <summary>What comes before its step; null without one.</summary>
    public Action<KernelConfig, FusedNetwork, ArrayView<PlannedStep>, int, int, MatrixMemory>? Direct;

    private KernelLoader _loader;
    private NetworkOptions _options;
    private bool _isTensor;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's kernels.</param>
    /// <param name="options">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="form">Which kernels.</param>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static FusedKernelSet Load(KernelLoader loader, NetworkOptions options, Optimizer optimizer, FusedForm form)
    {
        FusedKernelSet kernels = new() { _loader = loader, _options = options, _isTensor = form == FusedForm.Tensor };
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

        if (_isTensor)
        {
            if (typeof(THidden) == typeof(Tanh))
            {
                LoadTensor<ExponentialTanh, TOutput, TLoss>();
            }
            else
            {
                LoadTensor<THidden, TOutput, TLoss>();
            }

            return;
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

    private void LoadTensor<THidden, TOutput, TLoss>()
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        KernelSpecialization group = new(TensorKernels.Threads, TensorKernels.GroupsOfMultiprocessor);
        _loader.Load(KernelKind.FusedGradient, TensorKernels.Gradient<THidden, TOutput, TLoss>, out Gradient, group);
        _loader.Load(KernelKind.FusedEvaluate, TensorKernels.Evaluate<THidden, TOutput, TLoss>, out Evaluate, group);
    }

    /// <inheritdoc/>
    public void VisitElementwise<TRule>()
        where TRule : struct, IUpdateRule => _loader.Load(
            KernelKind.FusedUpdate, _isTensor ? FusedKernels.Update<TRule, TensorShares> : FusedKernels.Update<TRule, FusedShares>,
            out Update, new KernelSpecialization(FusedKernels.UpdateThreads, null));

    /// <inheritdoc/>
    public void VisitMatrix<TRule, TVectors>()
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule => _loader.Load(
            KernelKind.FusedUpdate,
            _isTensor
                ? FusedMatrixKernels.Direct<TRule, TVectors, TensorShares>
                : FusedMatrixKernels.Direct<TRule, TVectors, FusedShares>,
            out Direct, new KernelSpecialization(FusedKernels.UpdateThreads, null));

    /// <inheritdoc/>
    public readonly void VisitCurvature<TRule>()
        where TRule : struct, ICurvatureRule =>
        throw new NotSupportedException("The fused kernel has no second derivatives.");
}
