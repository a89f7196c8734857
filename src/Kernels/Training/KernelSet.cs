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
/// Every kernel, compiled for one device and one choice of activations, loss and optimizer. A step launches twelve:
/// four forward, three that carry deltas down, four that sum gradients, one that updates. Weight normalization adds three,
/// distortion one that is not among these (<see cref="DistortedImages"/>).
/// </summary>
internal struct KernelSet : INetworkVisitor, IOptimizerVisitor
{
    public Action<Index2D, Batch, ArrayView<float>, Perturbation> H1Forward;
    public Action<Index2D, Batch, ArrayView<float>, ArrayView<int>, Perturbation> H2Forward;
    public Action<Index2D, Batch, ArrayView<float>> H3Forward;
    public Action<Index2D, Batch, ArrayView<float>> OutputForward;
    public Action<KernelConfig, Batch, ArrayView<float>, ArrayView<int>, int> Evaluate;
    public Action<Index1D, Batch, ArrayView<float>, Targets, float> OutputBackward;
    public Action<Index2D, Batch, ArrayView<float>, Perturbation> H3BackwardInput;
    public Action<Index2D, Batch, ArrayView<float>, ArrayView<int>, int> H2BackwardInput;
    public Action<KernelConfig, Batch, SliceSums, Perturbation> H1BackwardWeights;
    public Action<KernelConfig, Batch, ArrayView<int>, SliceSums> H2BackwardWeights;
    public Action<KernelConfig, Batch, SliceSums> DenseBackwardWeights;
    public Action<KernelConfig, Batch, SliceSums> BiasBackward;
    public Action<Index1D, SliceSums, ArrayView<float>> Gradient;

    /// <summary>Null where <see cref="CurvatureKernelSet"/> or <see cref="MatrixLauncher"/> has the step.</summary>
    public Action<Index1D, SliceSums, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>? Update;

    /// <summary>Null without weight normalization.</summary>
    public Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>? Project;

    /// <summary>Null without weight normalization.</summary>
    public Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>>? Scale;

    private KernelLoader _loader;
    private NetworkOptions _options;

    /// <summary>Compiles the kernels.</summary>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static KernelSet Load(KernelLoader loader, NetworkOptions options, Optimizer optimizer)
    {
        KernelSet kernels = new() { _loader = loader, _options = options };
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
        _loader.LoadAutoGrouped(KernelKind.H1Forward, H1Kernels.Forward<THidden>, out H1Forward);
        _loader.LoadAutoGrouped(KernelKind.H3Forward, H3Kernels.Forward<THidden>, out H3Forward);
        _loader.LoadAutoGrouped(KernelKind.OutputForward, OutputKernels.Forward<TOutput>, out OutputForward);
        _loader.Load(KernelKind.Evaluate, OutputKernels.Evaluate<TLoss>, out Evaluate);
        _loader.LoadAutoGrouped(
            KernelKind.OutputBackward, OutputKernels.Backward<THidden, TOutput, TLoss>, out OutputBackward);
        _loader.LoadAutoGrouped(KernelKind.H3BackwardInput, H3Kernels.BackwardInput<THidden>, out H3BackwardInput);
        _loader.LoadAutoGrouped(KernelKind.H2BackwardInput, H2Kernels.BackwardInput<THidden>, out H2BackwardInput);
        _loader.Load(KernelKind.H1BackwardWeights, H1Kernels.BackwardWeights<PaddingBorder>, out H1BackwardWeights);
        _loader.Load(KernelKind.DenseBackwardWeights, DenseWeightKernels.Backward, out DenseBackwardWeights);
        _loader.Load(KernelKind.BiasBackward, BiasKernels.Backward, out BiasBackward);
        _loader.LoadAutoGrouped(KernelKind.Gradient, UpdateKernels.Gradient, out Gradient);
        if (_options.Connections.IsGrouped)
        {
            LoadH2<THidden, GroupedTable>();
        }
        else
        {
            LoadH2<THidden, AnyTable>();
        }

        if (_options.WeightNormalization)
        {
            _loader.Load(KernelKind.Scale, NormalizationKernels.Scale, out Scale);
        }
    }

    /// <inheritdoc/>
    public void VisitElementwise<TRule>()
        where TRule : struct, IUpdateRule
    {
        _loader.LoadAutoGrouped(KernelKind.Update, UpdateKernels.Update<TRule>, out Update);
        if (_options.WeightNormalization)
        {
            _loader.Load(KernelKind.Project, NormalizationKernels.Project<TRule>, out Project);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The step is <see cref="CurvatureKernelSet"/>'s.</remarks>
    public readonly void VisitCurvature<TRule>()
        where TRule : struct, ICurvatureRule
    {
    }

    /// <inheritdoc/>
    /// <remarks>The step is <see cref="MatrixLauncher"/>'s.</remarks>
    public readonly void VisitMatrix<TRule, TVectors>()
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule
    {
    }

    private void LoadH2<THidden, TTable>()
        where THidden : struct, IActivation
        where TTable : struct, ISourceTable
    {
        _loader.LoadAutoGrouped(KernelKind.H2Forward, H2Kernels.Forward<THidden, TTable>, out H2Forward);
        _loader.Load(KernelKind.H2BackwardWeights, H2Kernels.BackwardWeights<TTable, PaddingBorder>, out H2BackwardWeights);
    }
}
