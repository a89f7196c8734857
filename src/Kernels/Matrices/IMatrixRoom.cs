using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>Where a group iterates its matrix, as a compile-time choice.</summary>
internal interface IMatrixRoom
{
    /// <summary>
    /// Whether there is room for the values twice, so that a product need not overwrite what it reads. Without, a group has at least
    /// a thread for every four rows of the smaller side.
    /// </summary>
    static abstract bool HasSecondValues { get; }

    /// <summary>This group's room.</summary>
    /// <param name="memory">What the step works on.</param>
    static abstract ArrayView<Float4> Of(MatrixMemory memory);
}
