using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>
/// A step of several examples, presented one after the other: gradients are summed in the device's memory, and the last example's moves
/// the parameters by their mean. What it reads and writes there is less than Adam's two states take.
/// </summary>
/// <typeparam name="TRule">What moves a parameter.</typeparam>
internal readonly struct SummedRule<TRule> : IEnsembleRule
    where TRule : struct, IEnsembleRule
{
    /// <inheritdoc/>
    public static bool Sums => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Moved(float parameter, float gradient, int slot, in EnsembleStep step)
    {
        float sum = gradient;
        if (!step.IsFirst)
        {
            sum += step.Gradients[slot];
        }

        if (step.IsLast)
        {
            return TRule.Moved(parameter, step.Share * sum, slot, step);
        }

        step.Gradients[slot] = sum;
        return parameter;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 Moved(Taps5 parameters, Taps5 gradients, int slot, int stride, in EnsembleStep step)
    {
        Taps5 sums = gradients;
        if (!step.IsFirst)
        {
            sums = sums.Plus(Taps5.Load(step.Gradients, slot, stride));
        }

        if (step.IsLast)
        {
            return TRule.Moved(parameters, sums.Times(step.Share), slot, stride, step);
        }

        sums.Store(step.Gradients, slot, stride);
        return parameters;
    }
}
