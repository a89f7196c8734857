using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What a launch of <see cref="EnsembleKernels.Train"/> is given: digits to present, and the members.</summary>
internal readonly struct EnsemblePresentations
{
    /// <summary>(count, 16, 16), this launch's digits first.</summary>
    public required ArrayView<float> Images { get; init; }

    /// <summary>(count), likewise.</summary>
    public required ArrayView<byte> Labels { get; init; }

    /// <summary>How many digits are presented to each member, one after the other.</summary>
    public required int Count { get; init; }

    /// <summary>The first digit's place in the training set, which is its address in the perturbation.</summary>
    public required int FirstPlace { get; init; }

    /// <summary>The first digit's step in the run, from 0.</summary>
    public required int FirstStep { get; init; }

    /// <summary>How many digits a step looks at.</summary>
    public required int Batch { get; init; }

    /// <summary>The digits of a pass, whose last step may look at fewer.</summary>
    public required int Examples { get; init; }

    /// <summary>The share of each digit in a step: one by how many it looks at.</summary>
    public required float Share { get; init; }

    /// <summary>The same in the last step of a pass.</summary>
    public required float ShareOfLast { get; init; }

    /// <summary>(recipes, stepsOfRecipe): the optimizer's constants for each step, from the first digit's on.</summary>
    public required ArrayView<OptimizerConstants> Steps { get; init; }

    /// <summary>A recipe's entries of <see cref="Steps"/>: one a step, or one for all of them.</summary>
    public required int StepsOfRecipe { get; init; }

    /// <summary>From a step's entry to the next one's: 1, or 0 where one serves for all.</summary>
    public required int Stride { get; init; }

    /// <summary>What the outputs should be.</summary>
    public required Targets Targets { get; init; }

    /// <summary>(members): what sets them apart.</summary>
    public required ArrayView<EnsembleMember> Members { get; init; }

    /// <summary>(members, parameters): read at the beginning and written at the end.</summary>
    public required ArrayView<float> Parameters { get; init; }

    /// <summary>(members, parameters): the optimizer's first state, by slot; empty for a rule without.</summary>
    public required ArrayView<float> State1 { get; init; }

    /// <summary>(members, parameters): its second state, likewise.</summary>
    public required ArrayView<float> State2 { get; init; }

    /// <summary>(members, parameters): the sums of the step's gradients, by slot; empty where a step looks at one digit.</summary>
    public required ArrayView<float> Gradients { get; init; }

    /// <summary>The connections.</summary>
    public required EnsembleTables Tables { get; init; }
}
