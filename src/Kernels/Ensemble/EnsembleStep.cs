using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What an <see cref="IEnsembleRule"/> is told of a presentation.</summary>
internal readonly struct EnsembleStep
{
    /// <summary>The optimizer's constants for this step.</summary>
    public required OptimizerConstants Constants { get; init; }

    /// <summary>The member's first state, by slot; empty for a rule without.</summary>
    public required ArrayView<float> State1 { get; init; }

    /// <summary>Its second state, by slot.</summary>
    public required ArrayView<float> State2 { get; init; }

    /// <summary>The sums of its gradients, by slot; empty where a step looks at one example.</summary>
    public required ArrayView<float> Gradients { get; init; }

    /// <summary>Whether the step's examples begin with this one: there is no sum yet.</summary>
    public required bool IsFirst { get; init; }

    /// <summary>Whether the step's examples end with this one.</summary>
    public required bool IsLast { get; init; }

    /// <summary>Then, the share of each example in the step: one by how many they are.</summary>
    public required float Share { get; init; }
}
