using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>The device's memory, or rather its caches: for matrices of any size.</summary>
internal readonly struct RoomInMemory : IMatrixRoom
{
    /// <inheritdoc/>
    public static bool HasSecondValues => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<Float4> Of(MatrixMemory memory) =>
        memory.Room.SubView(Grid.IdxX * memory.RoomOfGroup, memory.RoomOfGroup);
}
