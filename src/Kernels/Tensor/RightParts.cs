using System.Runtime.CompilerServices;
using ILGPU;

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

    /// <summary>Reads and splits them.</summary>
    /// <param name="matrix">The matrix, from this lane's first value on.</param>
    /// <param name="four">From a value to the one four rows further.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightParts Load(ArrayView<float> matrix, int four)
    {
        float b0 = matrix[0], b1 = matrix[four];
        RightParts parts = new() { High0 = Split.High(b0), High1 = Split.High(b1) };
        parts.Rest0 = b0 - parts.High0;
        parts.Rest1 = b1 - parts.High1;
        return parts;
    }
}
