using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A group's share of the gradient, in the order of <see cref="FusedLayout"/>: tile after tile is added to it.</summary>
/// <param name="float4s">The share.</param>
/// <param name="isFirst">Whether it is the group's first tile, which overwrites what an earlier step left.</param>
internal readonly struct GradientShare(ArrayView<Float4> float4s, bool isFirst)
{
    private readonly ArrayView<Float4> _float4s = float4s;
    private readonly int _isFirst = isFirst ? 1 : 0;

    /// <summary>Whether there is nothing yet to add to.</summary>
    public bool IsFirst
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isFirst != 0;
    }

    /// <summary>
    /// What earlier tiles have left in a float4. A thread that has several asks for all of them before it writes the first: no
    /// load passes a store that may be to the same place, and each would be waited for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Before(int float4) => _isFirst != 0 ? default : _float4s[float4];

    /// <summary>Leaves what there is now. One thread a float4, or threads with a barrier between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(int float4, Float4 sums) => _float4s[float4] = sums;

    /// <summary>Adds a tile's sum of four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int float4, Float4 sums) => Leave(float4, Before(float4).Plus(sums));

    /// <summary>The same share from a float4 on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GradientShare From(int float4) => new(_float4s.SubView(float4), _isFirst != 0);

    /// <summary>The share by single values, from one of them on.</summary>
    /// <param name="float4">Its float4.</param>
    /// <param name="lane">Its place in the float4.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayView<float> ValuesFrom(int float4, int lane) => _float4s.Cast<float>().SubView(float4 * 4 + lane);
}
