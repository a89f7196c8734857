using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Optimizers;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Takes an optimizer's step with sixteen parameters the moment one example's gradient of them is there. Parameters and states do not
/// fit into the first cache together: so they pass through it once, no gradient is written and read again, and the divider, which
/// root and quotient wait for, works beside the sums of the backward pass.
/// </summary>
/// <typeparam name="TRule">The optimizer's rule.</typeparam>
/// <param name="parameters">The packed parameters.</param>
/// <param name="state1">Their first states.</param>
/// <param name="state2">Their second states.</param>
/// <param name="step">The step's constants.</param>
internal readonly unsafe struct UpdateBy<TRule>(float* parameters, float* state1, float* state2, in OptimizerConstants step)
    : IGradientSink
    where TRule : struct, IUpdateRule
{
    private readonly float* _parameters = parameters;
    private readonly float* _state1 = state1;
    private readonly float* _state2 = state2;
    private readonly OptimizerConstants _step = step;

    /// <inheritdoc/>
    public float DeltaScale => 1f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(int offset, Wide gradient)
    {
        Wide parameter = Vector512.LoadAligned(_parameters + offset);
        Wide first = Vector512.LoadAligned(_state1 + offset);
        Wide second = Vector512.LoadAligned(_state2 + offset);
        TRule.Update(ref parameter, gradient, ref first, ref second, _step);
        parameter.StoreAligned(_parameters + offset);
        first.StoreAligned(_state1 + offset);
        second.StoreAligned(_state2 + offset);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApplyProduct(int offset, Wide activation, Wide delta) => Apply(offset, activation * delta);
}
