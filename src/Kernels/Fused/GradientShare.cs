using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A group's share of the gradient, in the order of <see cref="Packing{TShape}"/>: tile after tile is added to it.</summary>
/// <param name="quads">The share.</param>
/// <param name="isFirst">Whether it is the group's first tile, which overwrites what an earlier step left.</param>
internal readonly struct GradientShare(ArrayView<Columns4> quads, bool isFirst)
{
    private readonly ArrayView<Columns4> _quads = quads;
    private readonly int _isFirst = isFirst ? 1 : 0;

    /// <summary>Whether there is nothing yet to add to.</summary>
    public bool IsFirst
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _isFirst != 0;
    }

    /// <summary>
    /// What earlier tiles have left in a quad. A thread that has several asks for all of them before it writes the first: no
    /// load passes a store that may be to the same place, and each would be waited for.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Columns4 Before(int quad) => _isFirst != 0 ? default : _quads[quad];

    /// <summary>Leaves what there is now. One thread a quad, or threads with a barrier between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Leave(int quad, Columns4 sums) => _quads[quad] = sums;

    /// <summary>Adds a tile's sum of four values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int quad, Columns4 sums) => Leave(quad, Before(quad).Plus(sums));

    /// <summary>The same share from a quad on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GradientShare From(int quad) => new(_quads.SubView(quad), _isFirst != 0);

    /// <summary>The share by single values, from one of them on.</summary>
    /// <param name="quad">Its quad.</param>
    /// <param name="lane">Its place in the quad.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayView<float> ValuesFrom(int quad, int lane) => _quads.Cast<float>().SubView(quad * 4 + lane);
}
