using System.Runtime.CompilerServices;

namespace GpuConvnet.Model.Optimizers;

/// <summary><c>torch.optim.Adam</c> and <c>torch.optim.AdamW</c>, which differ in the step's constants alone.</summary>
public readonly struct Adam : IUpdateRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerStep step)
    {
        float shrunk = parameter * step.Shrink;
        float decayed = gradient + step.CoupledDecay * parameter;
        float mean = step.Beta1 * state1 + step.OneMinusBeta1 * decayed;
        float square = step.Beta2 * state2 + step.OneMinusBeta2 * decayed * decayed;
        state1 = mean;
        state2 = square;
        float root = MathF.Sqrt(square) / step.RootOfCorrection2 + step.Epsilon;
        parameter = shrunk - step.StepSize * (mean / root);
    }
}
