using System.Runtime.CompilerServices;

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
}
