using System.Runtime.CompilerServices;
using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Replicas;

/// <summary>Any of the optimizers that remember, their state in the device's memory: twice as large as what they move.</summary>
/// <typeparam name="TRule">The optimizer.</typeparam>
public readonly struct RuleWithState<TRule> : IReplicaRule
    where TRule : struct, IUpdateRule
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Moved(float parameter, float gradient, int slot, in ReplicaStep step)
    {
        float first = step.State1[slot];
        float second = step.State2[slot];
        TRule.Update(ref parameter, gradient, ref first, ref second, step.Constants);
        step.State1[slot] = first;
        step.State2[slot] = second;
        return parameter;
    }
}
