using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary><see cref="EnsembleKernels"/>, compiled for a device, a network and an optimizer.</summary>
/// <param name="Train">Presents digits.</param>
/// <param name="Evaluate">Evaluates a split.</param>
/// <param name="Targets">What the outputs are trained towards.</param>
internal sealed record EnsembleKernelSet(
    Action<KernelConfig, EnsemblePresentations> Train, Action<KernelConfig, EnsembleEvaluations> Evaluate, Targets Targets)
{
    /// <summary>Compiles the kernels.</summary>
    /// <exception cref="NotSupportedException">There is no such combination.</exception>
    public static EnsembleKernelSet Load(KernelLoader loader, NetworkOptions options, OptimizerOptions optimizer)
    {
        Loading loading = new(loader, options, optimizer);
        options.Accept(ref loading);
        return loading.Kernels!;
    }

    /// <summary>Whether an optimizer has no state, so that training takes place on the chip alone.</summary>
    public static bool IsOnChip(OptimizerOptions optimizer) =>
        optimizer.Kind == Optimizer.Of<Sgd>() && optimizer.Momentum == 0;

    private static Action<KernelConfig, EnsemblePresentations> LoadTrain<THidden, TOutput, TLoss, TRule>(
        KernelLoader loader)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
        where TRule : struct, IEnsembleRule => loader.Load<EnsemblePresentations>(
            EnsembleKernels.Train<THidden, TOutput, TLoss, TRule>,
            new KernelSpecialization(EnsembleKernels.Threads, EnsembleKernels.GroupsOfMultiprocessor));

    private struct Loading(KernelLoader loader, NetworkOptions options, OptimizerOptions optimizer) : INetworkVisitor
    {
        public EnsembleKernelSet? Kernels { get; private set; }

        public void Visit<THidden, TOutput, TLoss>()
            where THidden : struct, IActivation
            where TOutput : struct, IActivation
            where TLoss : struct, ILoss
        {
            if (THidden.DerivativeNeedsSum)
            {
                throw new NotSupportedException($"The replica kernels have no hidden activation '{options.Hidden}'.");
            }

            TrainLoading<THidden, TOutput, TLoss> train = new(loader, IsOnChip(optimizer));
            optimizer.Kind.Accept(ref train);
            Kernels = new EnsembleKernelSet(
                train.Train!,
                loader.Load<EnsembleEvaluations>(
                    EnsembleKernels.Evaluate<THidden, TOutput, TLoss>,
                    new KernelSpecialization(EnsembleKernels.Threads, EnsembleKernels.GroupsOfMultiprocessor)),
                TLoss.Targets(options.LabelSmoothing));
        }
    }

    private struct TrainLoading<THidden, TOutput, TLoss>(KernelLoader loader, bool isOnChip) : IOptimizerVisitor
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
    {
        public Action<KernelConfig, EnsemblePresentations>? Train { get; private set; }

        public void VisitElementwise<TRule>()
            where TRule : struct, IUpdateRule => Train = isOnChip
                ? LoadTrain<THidden, TOutput, TLoss, OnChipSgd>(loader)
                : LoadTrain<THidden, TOutput, TLoss, RuleWithState<TRule>>(loader);
    }
}
