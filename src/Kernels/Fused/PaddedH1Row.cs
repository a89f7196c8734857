using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Fused;

/// <summary>
/// A row of a map of H1 with its border: columns -2 to 9, in float4s. In registers; of the border, the compiler makes constants.
/// </summary>
internal struct PaddedH1Row
{
    /// <summary>Columns -2 to 1.</summary>
    public Float4 Q0;

    /// <summary>Columns 2 to 5.</summary>
    public Float4 Q1;

    /// <summary>Columns 6 to 9.</summary>
    public Float4 Q2;

    /// <summary>What lies under a kernel's column 0 at the four units of a row of H2: columns -2, 0, 2 and 4.</summary>
    public readonly Float4 Under0
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float4.Of(Q0.C0, Q0.C2, Q1.C0, Q1.C2);
    }

    /// <summary>What lies under column 1.</summary>
    public readonly Float4 Under1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float4.Of(Q0.C1, Q0.C3, Q1.C1, Q1.C3);
    }

    /// <summary>What lies under column 2.</summary>
    public readonly Float4 Under2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float4.Of(Q0.C2, Q1.C0, Q1.C2, Q2.C0);
    }

    /// <summary>What lies under column 3.</summary>
    public readonly Float4 Under3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float4.Of(Q0.C3, Q1.C1, Q1.C3, Q2.C1);
    }

    /// <summary>What lies under column 4.</summary>
    public readonly Float4 Under4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float4.Of(Q1.C0, Q1.C2, Q2.C0, Q2.C2);
    }

    /// <summary>Eight units between the borders.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PaddedH1Row Of(Float8 units)
    {
        const float Border = Shape1989.PaddingValue;
        return new()
        {
            Q0 = Float4.Of(Border, Border, units.C0, units.C1),
            Q1 = Float4.Of(units.C2, units.C3, units.C4, units.C5),
            Q2 = Float4.Of(units.C6, units.C7, Border, Border),
        };
    }
}
