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
    public static EnsembleKernelSet Load(KernelLoader loader, NetworkOptions options, OptimizerOptions optimizer) =>
        options.Hidden switch
        {
            HiddenActivation.Tanh => Load<Tanh>(loader, options, optimizer),
            HiddenActivation.ScaledTanh => Load<ScaledTanh>(loader, options, optimizer),
            HiddenActivation.ReLU => Load<ReLU>(loader, options, optimizer),
            _ => throw new NotSupportedException($"The replica kernels have no hidden activation '{options.Hidden}'."),
        };

    /// <summary>Whether an optimizer has no state, so that training takes place on the chip alone.</summary>
    public static bool IsOnChip(OptimizerOptions optimizer) => optimizer is { Kind: OptimizerKind.Sgd, Momentum: 0 };

    private static EnsembleKernelSet Load<THidden>(
        KernelLoader loader, NetworkOptions options, OptimizerOptions optimizer)
        where THidden : struct, IActivation => (options.Output, options.Loss) switch
        {
            (OutputActivation.Tanh, Loss.Mse) => Load<THidden, Tanh, SquaredError>(loader, options, optimizer),
            (OutputActivation.ScaledTanh, Loss.Mse) =>
                Load<THidden, ScaledTanh, SquaredError>(loader, options, optimizer),
            (OutputActivation.Linear, Loss.Mse) => Load<THidden, Linear, SquaredError>(loader, options, optimizer),
            (OutputActivation.Linear, Loss.CrossEntropy) =>
                Load<THidden, Linear, SoftmaxCrossEntropy>(loader, options, optimizer),
            _ => throw new NotSupportedException(
                $"The loss '{options.Loss}' does not go with the output '{options.Output}'."),
        };

    private static EnsembleKernelSet Load<THidden, TOutput, TLoss>(
        KernelLoader loader, NetworkOptions options, OptimizerOptions optimizer)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss => new(
            IsOnChip(optimizer) ? LoadTrain<THidden, TOutput, TLoss, OnChipSgd>(loader)
                : optimizer.Kind == OptimizerKind.Sgd
                    ? LoadTrain<THidden, TOutput, TLoss, RuleWithState<Sgd>>(loader)
                    : LoadTrain<THidden, TOutput, TLoss, RuleWithState<Adam>>(loader),
            loader.Load<EnsembleEvaluations>(
                EnsembleKernels.Evaluate<THidden, TOutput, TLoss>,
                new KernelSpecialization(EnsembleKernels.Threads, EnsembleKernels.GroupsOfMultiprocessor)),
            TLoss.Targets(options.LabelSmoothing));

    private static Action<KernelConfig, EnsemblePresentations> LoadTrain<THidden, TOutput, TLoss, TRule>(
        KernelLoader loader)
        where THidden : struct, IActivation
        where TOutput : struct, IActivation
        where TLoss : struct, ILoss
        where TRule : struct, IEnsembleRule => loader.Load<EnsemblePresentations>(
            EnsembleKernels.Train<THidden, TOutput, TLoss, TRule>,
            new KernelSpecialization(EnsembleKernels.Threads, EnsembleKernels.GroupsOfMultiprocessor));
}
