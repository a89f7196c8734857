using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A share of the gradient in the order of <see cref="FusedLayout"/>.</summary>
internal readonly struct FusedShares : IPackedLayout
{
    /// <inheritdoc/>
    public static int Float4s => FusedLayout.Float4s;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PackedPlace Place(int float4, int lane) =>
        new(FusedLayout.Parameter(float4, lane), float4 * 4 + lane, FusedLayout.Back(float4, lane));
}
