using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A lane's values of a product's left matrix (16 rows, 8 columns), of each the 11 bits that tensor cores read, and the rest. Columns are
/// not in the order of <see cref="Mma"/>, nor are the rows of <see cref="RightParts"/>, and are the same ones. In registers.
/// </summary>
internal struct LeftParts
{
    /// <summary>The first parts, in the order of <see cref="Mma"/>.</summary>
    public float High0, High1, High2, High3;

    /// <summary>What is left of each.</summary>
    public float Rest0, Rest1, Rest2, Rest3;

    /// <summary>Reads and splits them: of eight columns lane t has two neighbours.</summary>
    /// <param name="matrix">The matrix, from this lane's first value on.</param>
    /// <param name="row">From a row to the next one, in pairs of values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftParts Load(ArrayView<Float2> matrix, int row)
    {
        Float2 upper = matrix[0];
        Float2 lower = matrix[8 * row];
        LeftParts parts = new()
        {
            High0 = Split.High(upper.C0),
            High1 = Split.High(lower.C0),
            High2 = Split.High(upper.C1),
            High3 = Split.High(lower.C1),
        };
        parts.Rest0 = upper.C0 - parts.High0;
        parts.Rest1 = lower.C0 - parts.High1;
        parts.Rest2 = upper.C1 - parts.High2;
        parts.Rest3 = lower.C1 - parts.High3;
        return parts;
    }
}
