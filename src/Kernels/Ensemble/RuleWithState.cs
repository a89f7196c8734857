using System.Runtime.CompilerServices;
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
}
