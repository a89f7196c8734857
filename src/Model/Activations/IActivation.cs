using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// An activation function as a compile-time choice: code that is generic over it is compiled once a function, without
/// a branch or a call. Every function maps 0 to 0, so that unused lanes stay zero.
/// </summary>
public interface IActivation
{
    /// <summary>The function of one weighted sum.</summary>
    static abstract float Apply(float sum);

    /// <summary>The derivative at the sum that gave <paramref name="output"/>.</summary>
    static abstract float Slope(float output);

    /// <summary>The function of sixteen weighted sums.</summary>
    static abstract Wide Apply(Wide sums);

    /// <summary>The sixteen derivatives at the sums that gave <paramref name="outputs"/>.</summary>
    static abstract Wide Slope(Wide outputs);
}
