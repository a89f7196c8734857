using System.Numerics;
using GpuConvnet.Model.Numbers;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Losses;

/// <summary>
/// A loss as a compile-time choice. The ten outputs sit in the first ten of sixteen lanes; the other six are 0 and
/// must have no gradient.
/// </summary>
internal interface ILoss
{
    /// <summary>What configurations call it.</summary>
    static abstract string Name { get; }

    /// <summary>Whether it takes logits: outputs that no activation bounds.</summary>
    static abstract bool NeedsLinearOutput { get; }

    /// <summary>Whether its target can be spread over the outputs.</summary>
    static abstract bool Smooths { get; }

    /// <summary>What outputs are trained towards; those without smoothing are what an evaluation measures by.</summary>
    /// <param name="labelSmoothing">The share of the target that is spread over all ten outputs, in [0, 1).</param>
    /// <exception cref="NotSupportedException">The loss knows no smoothing, and some was asked for.</exception>
    static abstract Targets Targets(double labelSmoothing);

    /// <summary>The loss of one example in double precision, by its definition, for any number of outputs.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    /// <param name="labelSmoothing">The share of the target that is spread over all outputs, in [0, 1).</param>
    static abstract double Value(double[] outputs, int label, double labelSmoothing);

    /// <summary>The loss of one example whose outputs should be what a teacher's are, in double precision, by its definition.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="targets">What each should be.</param>
    static abstract double Value(double[] outputs, double[] targets);

    /// <summary>The gradient of one example's loss by its outputs in double precision, by its definition.</summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    /// <param name="labelSmoothing">The share of the target that is spread over all outputs, in [0, 1).</param>
    static abstract double[] Gradient(double[] outputs, int label, double labelSmoothing);

    /// <summary>
    /// The second derivatives of one example's loss by each output, in double precision, by their definition; never below 0.
    /// </summary>
    /// <param name="outputs">The network's outputs.</param>
    /// <param name="label">The class, from 0.</param>
    static abstract double[] Curvature(double[] outputs, int label);

    /// <summary>The loss of one example.</summary>
    /// <param name="outputs">The network's ten outputs.</param>
    /// <param name="label">The digit, 0 to 9.</param>
    /// <param name="targets">What the outputs should be.</param>
    static abstract double Value(ReadOnlySpan<float> outputs, int label, Targets targets);

    /// <summary>The gradient of one example's loss by its outputs.</summary>
    /// <param name="outputs">The network's ten outputs in the first lanes.</param>
    /// <param name="targets">What the outputs should be, 0 in the other lanes.</param>
    /// <returns>Ten derivatives in the first lanes, 0 in the others.</returns>
    static abstract Wide Gradient(Wide outputs, Wide targets);

    /// <summary>The second derivatives of one example's loss by each output.</summary>
    /// <param name="outputs">The network's ten outputs in the first lanes.</param>
    /// <returns>Ten second derivatives in the first lanes, 0 in the others.</returns>
    static abstract Wide Curvature(Wide outputs);

    /// <summary>What one output contributes to the total that <see cref="Term"/> and the gradient are given.</summary>
    /// <param name="output">The output.</param>
    /// <param name="largest">The largest of the ten outputs.</param>
    static abstract float Weight(float output, float largest);

    /// <summary>The derivative of one example's loss by one output: the form that suits one thread per example.</summary>
    /// <param name="output">The output.</param>
    /// <param name="largest">The largest of the ten outputs.</param>
    /// <param name="total">The sum of the ten outputs' weights.</param>
    /// <param name="target">What the output should be.</param>
    static abstract float Gradient(float output, float largest, float total, float target);

    /// <summary>The second derivative of one example's loss by one output: the form that suits one thread per example.</summary>
    /// <param name="output">The output.</param>
    /// <param name="largest">The largest of the ten outputs.</param>
    /// <param name="total">The sum of the ten outputs' weights.</param>
    static abstract float Curvature(float output, float largest, float total);

    /// <summary>One output's share of an example's loss, without label smoothing: the ten add up to it.</summary>
    /// <param name="output">The output.</param>
    /// <param name="largest">The largest of the ten outputs.</param>
    /// <param name="total">The sum of the ten outputs' weights.</param>
    /// <param name="isLabel">Whether this output stands for the example's digit.</param>
    static abstract float Term(float output, float largest, float total, bool isLabel);

    /// <summary>What <see cref="Weight(float, float)"/> is, of every example that a number holds.</summary>
    /// <param name="output">The output.</param>
    /// <param name="largest">The largest of the ten outputs.</param>
    static abstract TReal Weight<TReal, TWeight>(TReal output, TReal largest)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>;

    /// <summary>What the derivative by one output is, of every example that a number holds.</summary>
    /// <param name="output">The output.</param>
    /// <param name="largest">The largest of the ten outputs.</param>
    /// <param name="total">The sum of the ten outputs' weights.</param>
    /// <param name="target">What the output should be.</param>
    static abstract TReal Gradient<TReal, TWeight>(TReal output, TReal largest, TReal total, TReal target)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>;
}
