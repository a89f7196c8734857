using GpuConvnet.Model.Augmentation;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What sets a member's training apart from its neighbours', beside its parameters: a row of a table on the device.</summary>
/// <param name="perturbation">How far its images are rolled and how many units it drops, with its own seed.</param>
/// <param name="recipe">Which of the recipes is its own: learning rates, decay, momentum. Members may share one.</param>
internal readonly struct EnsembleMember(Perturbation perturbation, int recipe)
{
    /// <summary>How far its images are rolled and how many units it drops, with its own seed.</summary>
    public Perturbation Perturbation { get; } = perturbation;

    /// <summary>Which of the recipes is its own.</summary>
    public int Recipe { get; } = recipe;
}
