using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Training;

/// <summary>
/// What a step by second derivatives launches besides <see cref="KernelSet"/>: three kernels that square, the layers' kernels once
/// more for what is squared, and the update.
/// </summary>
internal struct CurvatureKernelSet : INetworkVisitor, IOptimizerVisitor
{
    public Action<Index1D, ArrayView<float>, ArrayView<float>> SquareParameters;
    public Action<Index2D, Batch, ArrayView<float>, int> SquareImages;
    public Action<Index2D, Batch, Batch, Perturbation> SquareUnits;
    public Action<Index1D, Batch, Batch, ArrayView<float>, float> OutputBackwardCurvature;
    public Action<Index2D, Batch, ArrayView<float>, Perturbation> H3BackwardInput;
    public Action<Index2D, Batch, ArrayView<float>, ArrayView<int>, int> H2BackwardInput;
    public Action<KernelConfig, Batch, SliceSums, Perturbation> H1BackwardWeights;
    public Action<KernelConfig, Batch, ArrayView<int>, SliceSums> H2BackwardWeights;
    public Action<KernelConfig, Batch, SliceSums> DenseBackwardWeights;
    public Action<KernelConfig, Batch, SliceSums> BiasBackward;
    public Action<Index1D, SliceSums, SliceSums, ArrayView<float>, ArrayView<float>, OptimizerConstants> UpdateByCurvature;

    private KernelLoader _loader;
    private NetworkOptions _options;

    /// <summary>Compiles the kernels.</summary>
    /// <exception cref="NotSupportedException">The optimizer does not use second derivatives.</exception>
    public static CurvatureKernelSet Load(KernelLoader loader, NetworkOptions options, Optimizer optimizer)
    {
        CurvatureKernelSet kernels = new() { _loader = loader, _options = options };
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
        _loader.LoadAutoGrouped(KernelKind.SquareParameters, SquareKernels.Parameters, out SquareParameters);
        _loader.LoadAutoGrouped(KernelKind.SquareImages, SquareKernels.Images, out SquareImages);
        _loader.LoadAutoGrouped(KernelKind.SquareUnits, SquareKernels.Units<THidden>, out SquareUnits);
        _loader.LoadAutoGrouped(
            KernelKind.OutputBackwardCurvature, OutputKernels.BackwardCurvature<Squared<THidden>, TOutput, TLoss>,
            out OutputBackwardCurvature);
        _loader.LoadAutoGrouped(
            KernelKind.H3BackwardCurvature, H3Kernels.BackwardInput<Squared<THidden>>, out H3BackwardInput);
        _loader.LoadAutoGrouped(
            KernelKind.H2BackwardCurvature, H2Kernels.BackwardInput<Squared<THidden>>, out H2BackwardInput);
        _loader.Load(
            KernelKind.H1CurvatureOfWeights, H1Kernels.BackwardWeights<SquaredBorder>, out H1BackwardWeights);
        _loader.Load(
            KernelKind.H2CurvatureOfWeights,
            _options.Connections.IsGrouped
                ? H2Kernels.BackwardWeights<GroupedTable, SquaredBorder>
                : H2Kernels.BackwardWeights<AnyTable, SquaredBorder>,
            out H2BackwardWeights);
        _loader.Load(KernelKind.DenseBackwardWeights, DenseWeightKernels.Backward, out DenseBackwardWeights);
        _loader.Load(KernelKind.BiasBackward, BiasKernels.Backward, out BiasBackward);
    }

    /// <inheritdoc/>
    public readonly void VisitElementwise<TRule>()
        where TRule : struct, IUpdateRule =>
        throw new NotSupportedException("The optimizer does not use second derivatives.");

    /// <inheritdoc/>
    public readonly void VisitMatrix<TRule, TVectors>()
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule =>
        throw new NotSupportedException("The optimizer does not use second derivatives.");

    /// <inheritdoc/>
    public void VisitCurvature<TRule>()
        where TRule : struct, ICurvatureRule =>
        _loader.LoadAutoGrouped(KernelKind.Update, UpdateKernels.UpdateByCurvature<TRule>, out UpdateByCurvature);
}
