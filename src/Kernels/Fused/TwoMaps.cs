using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;

namespace GpuConvnet.Kernels.Fused;

/// <summary>The same of two neighbouring maps: half a quad of <see cref="Packing{TShape}"/>. In registers.</summary>
internal struct TwoMaps
{
    /// <summary>The first map's.</summary>
    public float Map0;

    /// <summary>The second map's.</summary>
    public float Map1;

    /// <summary>The sums of these and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwoMaps Plus(TwoMaps other) => new() { Map0 = Map0 + other.Map0, Map1 = Map1 + other.Map1 };

    /// <summary>Two of them in a quad.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Columns4 Quad(TwoMaps left, TwoMaps right) =>
        new() { C0 = left.Map0, C1 = left.Map1, C2 = right.Map0, C3 = right.Map1 };

    /// <summary>What lies under a tap, times the deltas of the units above it, added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Columns4 under, Columns4 deltas0, Columns4 deltas1)
    {
        Map0 = under.DotPlus(deltas0, Map0);
        Map1 = under.DotPlus(deltas1, Map1);
    }

    /// <summary>The same of a row of H1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Columns8 under, Columns8 deltas0, Columns8 deltas1)
    {
        Map0 = under.DotPlus(deltas0, Map0);
        Map1 = under.DotPlus(deltas1, Map1);
    }
}
