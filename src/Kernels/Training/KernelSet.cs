using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Profiling;
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
internal sealed record KernelSet
{
    /// <summary>What the outputs are trained towards.</summary>
    public required Targets Targets { get; init; }

    public required Action<Index2D, Batch, ArrayView<float>, Perturbation> H1Forward { get; init; }

    public required Action<Index2D, Batch, ArrayView<float>, ArrayView<int>, Perturbation> H2Forward { get; init; }

    public required Action<Index2D, Batch, ArrayView<float>> H3Forward { get; init; }

    public required Action<Index2D, Batch, ArrayView<float>> OutputForward { get; init; }

    public required Action<KernelConfig, Batch, ArrayView<float>, ArrayView<int>, int> Evaluate { get; init; }

    public required Action<Index1D, Batch, ArrayView<float>, Targets, float> OutputBackward { get; init; }

    public required Action<Index2D, Batch, ArrayView<float>, Perturbation> H3BackwardInput { get; init; }

    public required Action<Index2D, Batch, ArrayView<float>, ArrayView<int>, int> H2BackwardInput { get; init; }

    public required Action<KernelConfig, Batch, SliceSums, Perturbation> H1BackwardWeights { get; init; }

    public required Action<KernelConfig, Batch, ArrayView<int>, SliceSums> H2BackwardWeights { get; init; }

    public required Action<KernelConfig, Batch, SliceSums> DenseBackwardWeights { get; init; }

    public required Action<KernelConfig, Batch, SliceSums> BiasBackward { get; init; }

    public required Action<Index1D, SliceSums, ArrayView<float>> Gradient { get; init; }

    public required Action<Index1D, SliceSums, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants> Update
    { get; init; }

    /// <summary>Null without weight normalization.</summary>
    public required Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>? Project
    { get; init; }

    /// <summary>Null without weight normalization.</summary>
    public required Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>>? Scale { get; init; }

    /// <summary>The same kernels, each followed by a mark on a clock; these stay as they are.</summary>
    /// <param name="clock">What is told of every launch.</param>
    public KernelSet TimedBy(KernelClock clock) => this with
    {
        H1Forward = (grid, batch, parameters, perturbation) =>
        {
            H1Forward(grid, batch, parameters, perturbation);
            clock.Launched(KernelKind.H1Forward);
        },
        H2Forward = (grid, batch, parameters, sources, perturbation) =>
        {
            H2Forward(grid, batch, parameters, sources, perturbation);
            clock.Launched(KernelKind.H2Forward);
        },
        H3Forward = (grid, batch, parameters) =>
        {
            H3Forward(grid, batch, parameters);
            clock.Launched(KernelKind.H3Forward);
        },
        OutputForward = (grid, batch, parameters) =>
        {
            OutputForward(grid, batch, parameters);
            clock.Launched(KernelKind.OutputForward);
        },
        Evaluate = (grid, batch, losses, misses, firstGroup) =>
        {
            Evaluate(grid, batch, losses, misses, firstGroup);
            clock.Launched(KernelKind.Evaluate);
        },
        OutputBackward = (grid, batch, parameters, targets, scale) =>
        {
            OutputBackward(grid, batch, parameters, targets, scale);
            clock.Launched(KernelKind.OutputBackward);
        },
        H3BackwardInput = (grid, batch, parameters, perturbation) =>
        {
            H3BackwardInput(grid, batch, parameters, perturbation);
            clock.Launched(KernelKind.H3BackwardInput);
        },
        H2BackwardInput = (grid, batch, parameters, readers, readersOfMap) =>
        {
            H2BackwardInput(grid, batch, parameters, readers, readersOfMap);
            clock.Launched(KernelKind.H2BackwardInput);
        },
        H1BackwardWeights = (grid, batch, slices, perturbation) =>
        {
            H1BackwardWeights(grid, batch, slices, perturbation);
            clock.Launched(KernelKind.H1BackwardWeights);
        },
        H2BackwardWeights = (grid, batch, sources, slices) =>
        {
            H2BackwardWeights(grid, batch, sources, slices);
            clock.Launched(KernelKind.H2BackwardWeights);
        },
        DenseBackwardWeights = (grid, batch, slices) =>
        {
            DenseBackwardWeights(grid, batch, slices);
            clock.Launched(KernelKind.DenseBackwardWeights);
        },
        BiasBackward = (grid, batch, slices) =>
        {
            BiasBackward(grid, batch, slices);
            clock.Launched(KernelKind.BiasBackward);
        },
        Gradient = (grid, slices, gradient) =>
        {
            Gradient(grid, slices, gradient);
            clock.Launched(KernelKind.Gradient);
        },
        Update = (grid, slices, parameters, state1, state2, step) =>
        {
            Update(grid, slices, parameters, state1, state2, step);
            clock.Launched(KernelKind.Update);
        },
        Project = Project is null ? null : (grid, lengths, directions, gradient, step) =>
        {
            Project(grid, lengths, directions, gradient, step);
            clock.Launched(KernelKind.Project);
        },
        Scale = Scale is null ? null : (grid, lengths, directions, parameters) =>
        {
            Scale(grid, lengths, directions, parameters);
            clock.Launched(KernelKind.Scale);
        },
    };

    /// <summary>Compiles the kernels.</summary>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static KernelSet Load(KernelLoader loader, NetworkOptions options, Optimizer optimizer)
    {
        Loading loading = new(loader, options, optimizer);
        options.Accept(ref loading);
        return loading.Kernels!;
    }

    private static KernelSet Load<THidden, TOutput, TLoss>(KernelLoader loader, NetworkOptions options, UpdateLoading updates)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss => new()
        {
            Targets = TLoss.Targets(options.LabelSmoothing),
            H1Forward = loader.LoadAutoGrouped<Index2D, Batch, ArrayView<float>, Perturbation>(
                H1Kernels.Forward<THidden>),
            H2Forward = options.Connections.IsGrouped
                ? LoadH2Forward<THidden, GroupedTable>(loader)
                : LoadH2Forward<THidden, AnyTable>(loader),
            H3Forward = loader.LoadAutoGrouped<Index2D, Batch, ArrayView<float>>(
                H3Kernels.Forward<THidden>),
            OutputForward = loader.LoadAutoGrouped<Index2D, Batch, ArrayView<float>>(
                OutputKernels.Forward<TOutput>),
            Evaluate = loader.Load<Batch, ArrayView<float>, ArrayView<int>, int>(
                OutputKernels.Evaluate<TLoss>),
            OutputBackward = loader.LoadAutoGrouped<Index1D, Batch, ArrayView<float>, Targets, float>(
                OutputKernels.Backward<THidden, TOutput, TLoss>),
            H3BackwardInput = loader.LoadAutoGrouped<Index2D, Batch, ArrayView<float>, Perturbation>(
                H3Kernels.BackwardInput<THidden>),
            H2BackwardInput = loader
                .LoadAutoGrouped<Index2D, Batch, ArrayView<float>, ArrayView<int>, int>(
                    H2Kernels.BackwardInput<THidden>),
            H1BackwardWeights = loader.Load<Batch, SliceSums, Perturbation>(
                H1Kernels.BackwardWeights),
            H2BackwardWeights = loader.Load<Batch, ArrayView<int>, SliceSums>(
                options.Connections.IsGrouped
                    ? H2Kernels.BackwardWeights<GroupedTable>
                    : H2Kernels.BackwardWeights<AnyTable>),
            DenseBackwardWeights = loader.Load<Batch, SliceSums>(DenseWeightKernels.Backward),
            BiasBackward = loader.Load<Batch, SliceSums>(BiasKernels.Backward),
            Gradient = loader.LoadAutoGrouped<Index1D, SliceSums, ArrayView<float>>(
                UpdateKernels.Gradient),
            Update = updates.Update!,
            Project = updates.Project,
            Scale = !options.WeightNormalization
                ? null
                : loader.Load<ArrayView<float>, ArrayView<float>, ArrayView<float>>(
                    NormalizationKernels.Scale),
        };

    private static Action<Index2D, Batch, ArrayView<float>, ArrayView<int>, Perturbation> LoadH2Forward<THidden, TTable>(
        KernelLoader loader)
        where THidden : struct, IActivation
        where TTable : struct, ISourceTable => loader
            .LoadAutoGrouped<Index2D, Batch, ArrayView<float>, ArrayView<int>, Perturbation>(
                H2Kernels.Forward<THidden, TTable>);

    private struct Loading(KernelLoader loader, NetworkOptions options, Optimizer optimizer) : INetworkVisitor
    {
        public KernelSet? Kernels { get; private set; }

        public void Visit<THidden, TOutput, TLoss>()
            where THidden : struct, IActivation
            where TOutput : struct, IActivation
            where TLoss : struct, ILoss
        {
            UpdateLoading updates = new(loader, options.WeightNormalization);
            optimizer.Accept(ref updates);
            Kernels = Load<THidden, TOutput, TLoss>(loader, options, updates);
        }
    }

    private struct UpdateLoading(KernelLoader loader, bool isNormalized) : IOptimizerVisitor
    {
        public Action<Index1D, SliceSums, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>? Update
        { get; private set; }

        public Action<KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>? Project
        { get; private set; }

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule
        {
            Update = loader.LoadAutoGrouped<
                Index1D, SliceSums, ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>(
                UpdateKernels.Update<TRule>);
            Project = !isNormalized ? null : loader
                .Load<ArrayView<float>, ArrayView<float>, ArrayView<float>, OptimizerConstants>(
                    NormalizationKernels.Project<TRule>);
        }
    }
}
