using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>Any of the optimizers that remember, their state in the device's memory: twice as large as what they move.</summary>
/// <typeparam name="TRule">The optimizer.</typeparam>
internal readonly struct RuleWithState<TRule> : IEnsembleRule
    where TRule : struct, IUpdateRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Moved(float parameter, float gradient, int slot, in EnsembleStep step)
    {
        float first = step.State1[slot];
        float second = step.State2[slot];
        TRule.Update(ref parameter, gradient, ref first, ref second, step.Constants);
        step.State1[slot] = first;
        step.State2[slot] = second;
        return parameter;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Taps5 Moved(Taps5 parameters, Taps5 gradients, int slot, int stride, in EnsembleStep step)
    {
        Taps5 first = Taps5.Load(step.State1, slot, stride);
        Taps5 second = Taps5.Load(step.State2, slot, stride);
        TRule.Update(ref parameters.T0, gradients.T0, ref first.T0, ref second.T0, step.Constants);
        TRule.Update(ref parameters.T1, gradients.T1, ref first.T1, ref second.T1, step.Constants);
        TRule.Update(ref parameters.T2, gradients.T2, ref first.T2, ref second.T2, step.Constants);
        TRule.Update(ref parameters.T3, gradients.T3, ref first.T3, ref second.T3, step.Constants);
        TRule.Update(ref parameters.T4, gradients.T4, ref first.T4, ref second.T4, step.Constants);
        first.Store(step.State1, slot, stride);
        second.Store(step.State2, slot, stride);
        return parameters;
    }
}
