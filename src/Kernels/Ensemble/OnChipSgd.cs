using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// SGD without momentum, with or without weight decay: it has no state, so that a presentation reads its digit and writes
/// nothing outside the chip. The twin on the host is <see cref="Model.Optimizers.Sgd"/>.
/// </summary>
internal readonly struct OnChipSgd : IEnsembleRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Moved(float parameter, float gradient, int slot, in EnsembleStep step) =>
        parameter - step.Constants.LearningRate * (gradient + step.Constants.CoupledDecay * parameter);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 Moved(Taps5 parameters, Taps5 gradients, int slot, int stride, in EnsembleStep step) => new()
    {
        T0 = Moved(parameters.T0, gradients.T0, slot, step),
        T1 = Moved(parameters.T1, gradients.T1, slot, step),
        T2 = Moved(parameters.T2, gradients.T2, slot, step),
        T3 = Moved(parameters.T3, gradients.T3, slot, step),
        T4 = Moved(parameters.T4, gradients.T4, slot, step),
    };
}
