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

    /// <summary>Adds a tile's sum of four values. One thread a quad, or threads with a barrier between them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int quad, Columns4 sums)
    {
        if (_isFirst != 0)
        {
            _quads[quad] = sums;
        }
        else
        {
            AddMore(quad, sums);
        }
    }

    /// <summary>Adds what a second thread has for a quad that a first one has written for this tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddMore(int quad, Columns4 sums)
    {
        // As a whole: a value by value, it would be four loads.
        Columns4 before = _quads[quad];
        _quads[quad] = before.Plus(sums);
    }

    /// <summary>Adds a tile's sum of a single value. One thread a value.</summary>
    /// <param name="value">Which: four times its quad, and its place in that.</param>
    /// <param name="sum">The sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddValue(int value, float sum)
    {
        ArrayView<float> values = _quads.Cast<float>();
        values[value] = _isFirst != 0 ? sum : values[value] + sum;
    }
}
