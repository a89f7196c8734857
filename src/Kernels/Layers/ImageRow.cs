using System.Runtime.CompilerServices;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Layers;

/// <summary>
/// A row of an image with its border, columns -2 to 16, the even ones apart from the odd ones: a kernel of stride 2 has one or
/// the other under each of its columns. In registers.
/// </summary>
internal struct ImageRow
{
    /// <summary>Columns -2, 0, ... 12.</summary>
    public Float8 Even;

    /// <summary>Column 14.</summary>
    public float Even8;

    /// <summary>Column 16.</summary>
    public float Even9;

    /// <summary>Columns -1, 1, ... 13.</summary>
    public Float8 Odd;

    /// <summary>Column 15.</summary>
    public float Odd8;

    /// <summary>What lies under a kernel's column 0 at the eight units of a row of H1.</summary>
    public readonly Float8 Under0 => Even;

    /// <summary>What lies under column 1.</summary>
    public readonly Float8 Under1 => Odd;

    /// <summary>What lies under column 2.</summary>
    public readonly Float8 Under2 => Even.Then(Even8);

    /// <summary>What lies under column 3.</summary>
    public readonly Float8 Under3 => Odd.Then(Odd8);

    /// <summary>What lies under column 4.</summary>
    public readonly Float8 Under4 => Even.Then(Even8).Then(Even9);

    /// <summary>From the sixteen pixels in their order; of the border beside them, the compiler makes constants.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ImageRow OfPixels(Float4 q0, Float4 q1, Float4 q2, Float4 q3)
    {
        const float Border = Shape1989.PaddingValue;
        return new()
        {
            Even = Float8.Of(Border, q0.C0, q0.C2, q1.C0, q1.C2, q2.C0, q2.C2, q3.C0),
            Even8 = q3.C2,
            Even9 = Border,
            Odd = Float8.Of(Border, q0.C1, q0.C3, q1.C1, q1.C3, q2.C1, q2.C3, q3.C1),
            Odd8 = q3.C3,
        };
    }

    /// <summary>From ten even columns, then ten odd ones, the border's included.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ImageRow OfColumns(Float4 q0, Float4 q1, Float4 q2, Float4 q3, Float4 q4) => new()
    {
        Even = Float8.Of(q0, q1),
        Even8 = q2.C0,
        Even9 = q2.C1,
        Odd = Float8.Of(q2.C2, q2.C3, q3.C0, q3.C1, q3.C2, q3.C3, q4.C0, q4.C1),
        Odd8 = q4.C2,
    };
}
