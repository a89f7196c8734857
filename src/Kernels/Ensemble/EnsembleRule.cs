using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What moves the parameters of all members: the part of their recipes that the kernel is compiled for.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="HasState">Whether it remembers: all do but SGD without momentum, which trains on the chip alone.</param>
/// <param name="Batch">How many examples a step looks at.</param>
internal sealed record EnsembleRule(Optimizer Optimizer, bool HasState, int Batch)
{
    /// <summary>The rule that a recipe needs.</summary>
    /// <param name="optimizer">Its optimizer.</param>
    /// <param name="batch">How many examples a step looks at, 1 to <see cref="EnsembleTrainer.MostBatch"/>.</param>
    public static EnsembleRule Of(OptimizerOptions optimizer, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return new(optimizer.Kind, HasState: optimizer.Kind != Optimizer.Of<Sgd>() || optimizer.Momentum != 0, batch);
    }
}
