using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>
/// A loss as a compile-time choice. The ten outputs sit in the first ten of sixteen lanes; the other six are 0 and
/// must have no gradient.
/// </summary>
public interface ILoss
{
    /// <summary>The loss of one example.</summary>
    /// <param name="outputs">The network's ten outputs.</param>
    /// <param name="label">The digit, 0 to 9.</param>
    static abstract double Value(ReadOnlySpan<float> outputs, int label);

    /// <summary>The gradient of one example's loss by its outputs.</summary>
    /// <param name="outputs">The network's ten outputs in the first lanes.</param>
    /// <param name="label">The digit, 0 to 9.</param>
    /// <returns>Ten derivatives in the first lanes, 0 in the others.</returns>
    static abstract Wide Gradient(Wide outputs, int label);
}
