using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A lane's values of a product's left matrix (16 rows, 8 columns), of each the 11 bits that tensor cores read, and the rest. In registers.
/// </summary>
internal struct LeftParts
{
    /// <summary>The first parts, in the order of <see cref="Mma"/>.</summary>
    public float High0, High1, High2, High3;

    /// <summary>What is left of each.</summary>
    public float Rest0, Rest1, Rest2, Rest3;

    /// <summary>Reads and splits them.</summary>
    /// <param name="matrix">The matrix, from this lane's first value on.</param>
    /// <param name="stride">From a row of it to the next one.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftParts Load(ArrayView<float> matrix, int stride)
    {
        float a0 = matrix[0], a1 = matrix[8 * stride], a2 = matrix[4], a3 = matrix[8 * stride + 4];
        LeftParts parts = new() { High0 = Split.High(a0), High1 = Split.High(a1), High2 = Split.High(a2), High3 = Split.High(a3) };
        parts.Rest0 = a0 - parts.High0;
        parts.Rest1 = a1 - parts.High1;
        parts.Rest2 = a2 - parts.High2;
        parts.Rest3 = a3 - parts.High3;
        return parts;
    }
}
