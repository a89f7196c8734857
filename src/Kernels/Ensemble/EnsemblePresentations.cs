using GpuConvnet.Model.Augmentation;
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

    /// <summary>The first presentation's number in the run, from 0.</summary>
    public required int FirstStep { get; init; }

    /// <summary>(count): the optimizer's constants for each presentation.</summary>
    public required ArrayView<OptimizerConstants> Steps { get; init; }

    /// <summary>The kind of perturbation; each member draws its own.</summary>
    public required Perturbation Perturbation { get; init; }

    /// <summary>What the outputs should be.</summary>
    public required Targets Targets { get; init; }

    /// <summary>(members): the seeds of the members' perturbation.</summary>
    public required ArrayView<uint> Seeds { get; init; }

    /// <summary>(members, parameters): read at the beginning and written at the end.</summary>
    public required ArrayView<float> Parameters { get; init; }

    /// <summary>(members, parameters): the optimizer's first state, by slot; empty for a rule without.</summary>
    public required ArrayView<float> State1 { get; init; }

    /// <summary>(members, parameters): its second state, likewise.</summary>
    public required ArrayView<float> State2 { get; init; }

    /// <summary>The connections.</summary>
    public required EnsembleTables Tables { get; init; }
}
