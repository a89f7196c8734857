using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>The group's shared memory: for matrices such as those of 1989.</summary>
internal readonly struct RoomOnChip : IMatrixRoom
{
    /// <summary>How much there is, 44 KiB: of 192x30, the largest of 1989, the values and five squares of the smaller side.</summary>
    public const int Float4s = 2816;

    /// <inheritdoc/>
    public static bool HasSecondValues => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<Float4> Of(MatrixMemory memory) => SharedMemory.Allocate<Float4>(Float4s);
}
