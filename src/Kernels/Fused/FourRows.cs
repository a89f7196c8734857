using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A row of each of a group's four maps of H2. In registers.</summary>
internal struct FourRows
{
    /// <summary>The first map's row.</summary>
    public Columns4 Map0;

    /// <summary>The second map's.</summary>
    public Columns4 Map1;

    /// <summary>The third map's.</summary>
    public Columns4 Map2;

    /// <summary>The fourth map's.</summary>
    public Columns4 Map3;

    /// <summary>One tap of the four maps over the four units of a row.</summary>
    /// <param name="weights">The tap's weight of each map.</param>
    /// <param name="under">What lies under it at each unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Columns4 weights, Columns4 under)
    {
        Map0 = under.TimesPlus(weights.C0, Map0);
        Map1 = under.TimesPlus(weights.C1, Map1);
        Map2 = under.TimesPlus(weights.C2, Map2);
        Map3 = under.TimesPlus(weights.C3, Map3);
    }

    /// <summary>Adds the four rows to others, <paramref name="stride"/> quads apart; where there are none yet, writes them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(ArrayView<Columns4> quads, int first, int stride, bool isFirst)
    {
        AddTo(quads, first, Map0, isFirst);
        AddTo(quads, first + stride, Map1, isFirst);
        AddTo(quads, first + 2 * stride, Map2, isFirst);
        AddTo(quads, first + 3 * stride, Map3, isFirst);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(ArrayView<Columns4> quads, int quad, Columns4 row, bool isFirst)
    {
        Columns4 sums = isFirst ? default : quads[quad];
        quads[quad] = sums.Plus(row);
    }
}
