using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Activations;

/// <summary>
/// An activation function as a compile-time choice: code that is generic over it is compiled once per function, without
/// a branch or a call. Every function maps 0 to 0, so that unused lanes stay zero.
/// </summary>
public interface IActivation
{
    /// <summary>What configurations call it.</summary>
    static abstract string Name { get; }

    /// <summary>Whether the units of H1, H2 and H3 may have it.</summary>
    static abstract bool IsHidden { get; }

    /// <summary>Whether the outputs may have it.</summary>
    static abstract bool IsOutput { get; }

    /// <summary>Whether the slope cannot be had from the output and is computed from the weighted sum.</summary>
    static abstract bool DerivativeNeedsSum { get; }

    /// <summary>The function in double precision, by its definition: what all other forms are checked against.</summary>
    /// <param name="sum">The weighted sum.</param>
    static abstract double Apply(double sum);

    /// <summary>The derivative in double precision, by its definition.</summary>
    /// <param name="sum">The weighted sum.</param>
    static abstract double Derivative(double sum);

    /// <summary>Writes the formula in another language.</summary>
    /// <param name="writer">The language.</param>
    /// <param name="sum">What stands for the weighted sum.</param>
    /// <returns>What stands for the function's value; <paramref name="sum"/> itself of the identity.</returns>
    internal static abstract string Write(IFormulaWriter writer, string sum);

    /// <summary>The function of one weighted sum.</summary>
    /// <param name="sum">The weighted sum.</param>
    static abstract float Apply(float sum);

    /// <summary>The derivative at one weighted sum.</summary>
    /// <param name="value">What <see cref="Apply(float)"/> made of the sum; the sum itself with <see cref="DerivativeNeedsSum"/>.
    /// </param>
    static abstract float Derivative(float value);

    /// <summary>The function of sixteen weighted sums.</summary>
    /// <param name="sums">The weighted sums.</param>
    static abstract Wide Apply(Wide sums);

    /// <summary>The derivatives at sixteen weighted sums.</summary>
    /// <param name="values">What <see cref="Apply(Wide)"/> made of them; the sums themselves with
    /// <see cref="DerivativeNeedsSum"/>. </param>
    static abstract Wide Derivative(Wide values);
}
