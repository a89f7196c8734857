using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model.Optimizers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>What a step that moves whole matrices works on.</summary>
internal readonly struct MatrixMemory
{
    /// <summary>The matrices, a group of threads each.</summary>
    public required ArrayView<WeightMatrix> Matrices { get; init; }

    /// <summary>The places of all parameters that belong to no matrix.</summary>
    public required ArrayView<int> Others { get; init; }

    /// <summary>The batch's gradient by all parameters.</summary>
    public required ArrayView<float> Gradient { get; init; }

    /// <summary>All parameters.</summary>
    public required ParameterPlaces Parameters { get; init; }

    /// <summary>Their first states.</summary>
    public required ArrayView<float> State1 { get; init; }

    /// <summary>Their second states.</summary>
    public required ArrayView<float> State2 { get; init; }

    /// <summary>(groups, <see cref="RoomOfGroup"/>): where matrices are iterated that are too large for the chip; otherwise empty.</summary>
    public required ArrayView<Float4> Room { get; init; }

    /// <summary>Float4s of a group's room; 0 on the chip.</summary>
    public required int RoomOfGroup { get; init; }
}
