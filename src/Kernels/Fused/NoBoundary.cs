using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Fused;

/// <summary>Nothing: threads that have done their part of the first stage go on with the second.</summary>
internal readonly struct NoBoundary : IStageBoundary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Between()
    {
        // Nothing to wait for.
    }
}
