using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>A lane's values of sixteen rows of a square of 32, as a product's left matrix. In registers.</summary>
internal struct PolynomialRows
{
    private LeftParts _parts0;
    private LeftParts _parts1;
    private LeftParts _parts2;
    private LeftParts _parts3;

    /// <summary>Reads them.</summary>
    /// <param name="square">The rows, from this lane's first pair on.</param>
    /// <param name="row">From a row to the next one, in pairs.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PolynomialRows Load(ArrayView<Float2> square, int row) => new()
    {
        _parts0 = LeftParts.Load(square, row),
        _parts1 = LeftParts.Load(square.SubView(4), row),
        _parts2 = LeftParts.Load(square.SubView(8), row),
        _parts3 = LeftParts.Load(square.SubView(12), row),
    };

    /// <summary>Their product with a matrix of 32 rows and eight columns.</summary>
    /// <param name="right0">The first eight rows.</param>
    /// <param name="right1">The next eight.</param>
    /// <param name="right2">The third eight.</param>
    /// <param name="right3">The last eight.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ProductSums Times(RightParts right0, RightParts right1, RightParts right2, RightParts right3)
    {
        PartSums sums = default;
        sums.Add(_parts0, right0);
        sums.Add(_parts1, right1);
        sums.Add(_parts2, right2);
        sums.Add(_parts3, right3);
        return sums.Sums;
    }
}
