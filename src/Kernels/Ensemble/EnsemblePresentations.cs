using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Ensemble;

/// <summary>What a launch of <see cref="EnsembleKernels.Train"/> is given: digits to present, and the members.</summary>
/// <param name="images">(count, 16, 16), this launch's digits first.</param>
/// <param name="labels">(count), likewise.</param>
/// <param name="count">How many digits are presented to each member, one after the other.</param>
/// <param name="firstPlace">The first digit's place in the training set, which is its address in the perturbation.</param>
/// <param name="firstStep">The first presentation's number in the run, from 0.</param>
/// <param name="steps">(count): the optimizer's constants for each presentation.</param>
/// <param name="perturbation">The kind of perturbation; each member draws its own.</param>
/// <param name="targets">What the outputs should be.</param>
/// <param name="seeds">(members): the seeds of the members' perturbation.</param>
/// <param name="parameters">(members, parameters): read at the beginning and written at the end.</param>
/// <param name="state1">(members, parameters): the optimizer's first state, by slot; empty for a rule without.</param>
/// <param name="state2">(members, parameters): its second state, likewise.</param>
/// <param name="tables">The connections.</param>
public readonly struct EnsemblePresentations(
    ArrayView<float> images,
    ArrayView<byte> labels,
    int count,
    int firstPlace,
    int firstStep,
    ArrayView<OptimizerConstants> steps,
    Perturbation perturbation,
    Targets targets,
    ArrayView<uint> seeds,
    ArrayView<float> parameters,
    ArrayView<float> state1,
    ArrayView<float> state2,
    EnsembleTables tables)
{
    /// <summary>(count, 16, 16), this launch's digits first.</summary>
    public ArrayView<float> Images { get; } = images;

    /// <summary>(count), likewise.</summary>
    public ArrayView<byte> Labels { get; } = labels;

    /// <summary>How many digits are presented to each member.</summary>
    public int Count { get; } = count;

    /// <summary>The first digit's place in the training set.</summary>
    public int FirstPlace { get; } = firstPlace;

    /// <summary>The first presentation's number in the run.</summary>
    public int FirstStep { get; } = firstStep;

    /// <summary>(count): the optimizer's constants for each presentation.</summary>
    public ArrayView<OptimizerConstants> Steps { get; } = steps;

    /// <summary>The kind of perturbation.</summary>
    public Perturbation Perturbation { get; } = perturbation;

    /// <summary>What the outputs should be.</summary>
    public Targets Targets { get; } = targets;

    /// <summary>(members): the seeds of the members' perturbation.</summary>
    public ArrayView<uint> Seeds { get; } = seeds;

    /// <summary>(members, parameters).</summary>
    public ArrayView<float> Parameters { get; } = parameters;

    /// <summary>(members, parameters), by slot.</summary>
    public ArrayView<float> State1 { get; } = state1;

    /// <summary>(members, parameters), by slot.</summary>
    public ArrayView<float> State2 { get; } = state2;

    /// <summary>The connections.</summary>
    public EnsembleTables Tables { get; } = tables;
}
