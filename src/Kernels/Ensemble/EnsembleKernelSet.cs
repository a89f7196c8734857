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
    private EnsembleRule _rule;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">Compiles them.</param>
    /// <param name="options">The network.</param>
    /// <param name="rule">What moves the parameters.</param>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static EnsembleKernelSet Load(KernelLoader loader, NetworkOptions options, EnsembleRule rule)
    {
        EnsembleKernelSet kernels = new() { _loader = loader, _options = options, _rule = rule };
        options.Accept(ref kernels);
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
            throw new NotSupportedException($"The replica kernels have no hidden activation '{_options.Hidden}'.");
        }

        KernelSpecialization group = new(EnsembleKernels.Threads, EnsembleKernels.GroupsOfMultiprocessor);
        TrainLoading<THidden, TOutput, TLoss> train = new() { Loader = _loader, Group = group, IsSummed = _rule.Batch > 1 };
        if (_rule.HasState)
        {
            _rule.Optimizer.Accept(ref train);
        }
        else
        {
            train.Load<OnChipSgd>();
        }

        Train = train.Train!;

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
        public bool IsSummed;
        public Action<KernelConfig, EnsemblePresentations>? Train;

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => Load<RuleWithState<TRule>>();

        public void Load<TRule>()
            where TRule : struct, IEnsembleRule
        {
            if (IsSummed)
            {
                Loader.Load(
                    KernelKind.EnsembleTrain, EnsembleKernels.Train<THidden, TOutput, TLoss, SummedRule<TRule>>, out Train, Group);
            }
            else
            {
                Loader.Load(KernelKind.EnsembleTrain, EnsembleKernels.Train<THidden, TOutput, TLoss, TRule>, out Train, Group);
            }
        }

        public readonly void VisitCurvature<TRule>()
            where TRule : struct, ICurvatureRule =>
            throw new NotSupportedException("The replica kernels have no second derivatives.");

        public readonly void VisitMatrix<TRule, TVectors>()
            where TRule : struct, IMatrixRule
            where TVectors : struct, IUpdateRule =>
            throw new NotSupportedException("The replica kernels move no whole matrices.");
    }
}
