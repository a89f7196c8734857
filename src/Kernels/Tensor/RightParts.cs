using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A lane's values of a product's right matrix (8 rows, 8 columns), of each the 11 bits that tensor cores read, and the rest. In registers.
/// </summary>
internal struct RightParts
{
    /// <summary>The first parts, in the order of <see cref="Mma"/>.</summary>
    public float High0, High1;

    /// <summary>What is left of each.</summary>
    public float Rest0, Rest1;

    /// <summary>Splits them.</summary>
    /// <param name="values">The values of two neighbouring rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightParts Of(Float2 values)
    {
        RightParts parts = new() { High0 = Split.High(values.C0), High1 = Split.High(values.C1) };
        parts.Rest0 = values.C0 - parts.High0;
        parts.Rest1 = values.C1 - parts.High1;
        return parts;
    }
}
