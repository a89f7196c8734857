namespace GpuConvnet.Kernels.Fused;

/// <summary>The order in which a kernel leaves shares of the gradient, as a compile-time choice of the update.</summary>
internal interface IPackedLayout
{
    /// <summary>Float4s of a share.</summary>
    static abstract int Float4s { get; }

    /// <summary>What a value of a share belongs to.</summary>
    /// <param name="float4">The float4.</param>
    /// <param name="lane">Which of its four values.</param>
    static abstract PackedPlace Place(int float4, int lane);
}
