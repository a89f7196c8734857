using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A row of each of a group's four maps of H2. In registers.</summary>
internal struct FourRows
{
    /// <summary>The first map's row.</summary>
    public Float4 Map0;

    /// <summary>The second map's.</summary>
    public Float4 Map1;

    /// <summary>The third map's.</summary>
    public Float4 Map2;

    /// <summary>The fourth map's.</summary>
    public Float4 Map3;

    /// <summary>One tap of the four maps over the four units of a row.</summary>
    /// <param name="weights">The tap's weight of each map.</param>
    /// <param name="under">What lies under it at each unit.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Float4 weights, Float4 under)
    {
        Map0 = under.TimesPlus(weights.C0, Map0);
        Map1 = under.TimesPlus(weights.C1, Map1);
        Map2 = under.TimesPlus(weights.C2, Map2);
        Map3 = under.TimesPlus(weights.C3, Map3);
    }

    /// <summary>Adds a value of each map to all four units of its row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddToAll(Float4 values)
    {
        Map0 = Map0.Plus(Float4.Of(values.C0));
        Map1 = Map1.Plus(Float4.Of(values.C1));
        Map2 = Map2.Plus(Float4.Of(values.C2));
        Map3 = Map3.Plus(Float4.Of(values.C3));
    }

    /// <summary>Reads four rows, <paramref name="stride"/> float4s apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourRows Load(ArrayView<Float4> float4s, int first, int stride) => new()
    {
        Map0 = float4s[first],
        Map1 = float4s[first + stride],
        Map2 = float4s[first + 2 * stride],
        Map3 = float4s[first + 3 * stride],
    };

    /// <summary>The sums of these rows and others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FourRows Plus(FourRows other) => new()
    {
        Map0 = Map0.Plus(other.Map0),
        Map1 = Map1.Plus(other.Map1),
        Map2 = Map2.Plus(other.Map2),
        Map3 = Map3.Plus(other.Map3),
    };

    /// <summary>Writes the four rows, <paramref name="stride"/> float4s apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<Float4> float4s, int first, int stride)
    {
        float4s[first] = Map0;
        float4s[first + stride] = Map1;
        float4s[first + 2 * stride] = Map2;
        float4s[first + 3 * stride] = Map3;
    }
}
