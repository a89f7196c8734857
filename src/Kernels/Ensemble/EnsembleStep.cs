using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What an <see cref="IEnsembleRule"/> is told of a presentation.</summary>
/// <param name="constants">The optimizer's constants for this step.</param>
/// <param name="state1">The member's first state, by slot; empty for a rule without.</param>
/// <param name="state2">Its second state, likewise.</param>
internal readonly struct EnsembleStep(OptimizerConstants constants, ArrayView<float> state1, ArrayView<float> state2)
{
    /// <summary>The optimizer's constants for this step.</summary>
    public OptimizerConstants Constants { get; } = constants;

    /// <summary>The member's first state, by slot.</summary>
    public ArrayView<float> State1 { get; } = state1;

    /// <summary>Its second state, by slot.</summary>
    public ArrayView<float> State2 { get; } = state2;
}
