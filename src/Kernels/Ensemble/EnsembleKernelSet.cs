using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary><see cref="EnsembleKernels"/>, compiled for a device, a network and an optimizer.</summary>
internal struct EnsembleKernelSet : INetworkVisitor
{
    /// <summary>Presents digits.</summary>
    public Action<KernelConfig, EnsemblePresentations> Train;

    /// <summary>Evaluates a split.</summary>
    public Action<KernelConfig, EnsembleEvaluations> Evaluate;

    private KernelLoader _loader;
    private NetworkOptions _options;
    private OptimizerOptions _optimizer;

    /// <summary>Compiles the kernels.</summary>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static EnsembleKernelSet Load(KernelLoader loader, NetworkOptions options, OptimizerOptions optimizer)
    {
        EnsembleKernelSet kernels = new() { _loader = loader, _options = options, _optimizer = optimizer };
        options.Accept(ref kernels);
        return kernels;
    }

    /// <summary>Whether an optimizer has no state, so that training takes place on the chip alone.</summary>
    public static bool IsOnChip(OptimizerOptions optimizer) =>
        optimizer.Kind == Optimizer.Of<Sgd>() && optimizer.Momentum == 0;

    /// <inheritdoc/>
    public void Visit<THidden, TOutput, TLoss>()
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        if (THidden.DerivativeNeedsSum)
        {
            throw new NotSupportedException($"The replica kernels have no hidden activation '{_options.Hidden}'.");
        }

        KernelSpecialization group = new(EnsembleKernels.Threads, EnsembleKernels.GroupsOfMultiprocessor);
        if (IsOnChip(_optimizer))
        {
            _loader.Load(
                KernelKind.EnsembleTrain, EnsembleKernels.Train<THidden, TOutput, TLoss, OnChipSgd>, out Train, group);
        }
        else
        {
            TrainLoading<THidden, TOutput, TLoss> train = new() { Loader = _loader, Group = group };
            _optimizer.Kind.Accept(ref train);
            Train = train.Train;
        }

        _loader.Load(
            KernelKind.EnsembleEvaluate, EnsembleKernels.Evaluate<THidden, TOutput, TLoss>, out Evaluate, group);
    }

    private struct TrainLoading<THidden, TOutput, TLoss> : IOptimizerVisitor
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        public KernelLoader Loader;
        public KernelSpecialization Group;
        public Action<KernelConfig, EnsemblePresentations> Train;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => Loader.Load(
                KernelKind.EnsembleTrain, EnsembleKernels.Train<THidden, TOutput, TLoss, RuleWithState<TRule>>, out Train, Group);

        public readonly void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule =>
            throw new NotSupportedException("The replica kernels have no second derivatives.");

        public readonly void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule =>
            throw new NotSupportedException("The replica kernels move no whole matrices.");
    }
}
