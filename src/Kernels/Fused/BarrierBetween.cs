using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// A barrier. For OpenCL: of two stages without one between them, PoCL 3.1 takes the branch of the first to be the same for
/// all threads of a group.
/// </summary>
internal readonly struct BarrierBetween : IStageBoundary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Between() => Group.Barrier();
}
