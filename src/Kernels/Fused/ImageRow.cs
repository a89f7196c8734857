using System.Runtime.CompilerServices;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Model;
using ILGPU;

namespace GpuConvnet.Kernels.Fused;

/// <summary>A row of an image, in float4s. In registers; of the border beside it, the compiler makes constants.</summary>
public struct ImageRow
{
    /// <summary>Columns 0 to 3.</summary>
    public Float4 Q0;

    /// <summary>Columns 4 to 7.</summary>
    public Float4 Q1;

    /// <summary>Columns 8 to 11.</summary>
    public Float4 Q2;

    /// <summary>Columns 12 to 15.</summary>
    public Float4 Q3;

    /// <summary>What lies under a kernel's column 0 at the eight units of a row of H1: columns -2, 0, ... 12.</summary>
    public readonly Float8 Under0
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(Shape1989.PaddingValue, Q0.C0, Q0.C2, Q1.C0, Q1.C2, Q2.C0, Q2.C2, Q3.C0);
    }

    /// <summary>What lies under column 1.</summary>
    public readonly Float8 Under1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(Shape1989.PaddingValue, Q0.C1, Q0.C3, Q1.C1, Q1.C3, Q2.C1, Q2.C3, Q3.C1);
    }

    /// <summary>What lies under column 2.</summary>
    public readonly Float8 Under2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(Q0.C0, Q0.C2, Q1.C0, Q1.C2, Q2.C0, Q2.C2, Q3.C0, Q3.C2);
    }

    /// <summary>What lies under column 3.</summary>
    public readonly Float8 Under3
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(Q0.C1, Q0.C3, Q1.C1, Q1.C3, Q2.C1, Q2.C3, Q3.C1, Q3.C3);
    }

    /// <summary>What lies under column 4.</summary>
    public readonly Float8 Under4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Float8.Of(Q0.C2, Q1.C0, Q1.C2, Q2.C0, Q2.C2, Q3.C0, Q3.C2, Shape1989.PaddingValue);
    }

    /// <summary>Reads a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ImageRow Load(ArrayView<Float4> row) => new() { Q0 = row[0], Q1 = row[1], Q2 = row[2], Q3 = row[3] };
}
