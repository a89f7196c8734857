using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// An activation function as a compile-time choice: code that is generic over it is compiled once a function, without
/// a branch or a call. Every function maps 0 to 0, so that unused lanes stay zero.
/// </summary>
public interface IActivation
{
    /// <summary>Whether the slope cannot be had from the output and is computed from the weighted sum.</summary>
    static abstract bool DerivativeNeedsSum { get; }

    /// <summary>The function of one weighted sum.</summary>
    static abstract float Apply(float sum);

    /// <summary>The derivative at one weighted sum.</summary>
    /// <param name="value">What <see cref="Apply(float)"/> made of the sum; the sum itself with <see cref="DerivativeNeedsSum"/>.</param>
    static abstract float Derivative(float value);

    /// <summary>The function of sixteen weighted sums.</summary>
    static abstract Wide Apply(Wide sums);

    /// <summary>The derivatives at sixteen weighted sums.</summary>
    /// <param name="values">What <see cref="Apply(Wide)"/> made of them; the sums themselves with <see cref="DerivativeNeedsSum"/>.</param>
    static abstract Wide Derivative(Wide values);
}
