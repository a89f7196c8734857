using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>What a step that moves whole matrices works on.</summary>
internal readonly struct MatrixMemory
{
    /// <summary>What there is to do, a group of threads each.</summary>
    public required ArrayView<MatrixShare> Shares { get; init; }

    /// <summary>
    /// The matrices as they are before they are made orthogonal, in the forms of their shares, filled up with zeros.
    /// </summary>
    public required ArrayView<Float4> Directions { get; init; }

    /// <summary>(parameters): where each has its direction among the floats of these; -1 for what belongs to no matrix.</summary>
    public required ArrayView<int> Cells { get; init; }

    /// <summary>All parameters.</summary>
    public required ParameterPlaces Parameters { get; init; }

    /// <summary>Their first states.</summary>
    public required ArrayView<float> State1 { get; init; }

    /// <summary>Their second states.</summary>
    public required ArrayView<float> State2 { get; init; }

    /// <summary>Where matrices are iterated that are not on the chip; otherwise empty.</summary>
    public required ArrayView<Float4> Room { get; init; }
}
