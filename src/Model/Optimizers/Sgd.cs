using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Optimizers;

/// <summary><c>torch.optim.SGD</c>, with or without momentum; without, its state stays unused.</summary>
public readonly struct Sgd : IUpdateRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerStep step)
    {
        float decayed = gradient + step.CoupledDecay * parameter;
        float momentum = step.Momentum * state1 + decayed;
        state1 = momentum;
        float direction = step.NesterovMomentum != 0f ? decayed + step.NesterovMomentum * momentum : momentum;
        parameter -= step.LearningRate * direction;
    }
}
