using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// An update of one parameter by its gradient and the loss's second derivative, as a compile-time choice: the host and the
/// kernels run this very code. Its state is one running mean of second derivatives.
/// </summary>
internal interface ICurvatureRule
{
    /// <summary>Changes one parameter and its mean.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The derivative of the mean loss by it.</param>
    /// <param name="curvature">The second derivative, 0 or more.</param>
    /// <param name="mean">The second derivatives of the steps before.</param>
    /// <param name="step">The step's constants.</param>
    static abstract void Update(
        ref float parameter, float gradient, float curvature, ref float mean, in OptimizerConstants step);

    /// <summary>Changes sixteen parameters and their means, as the other does one.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradients">The derivatives of the mean loss by them.</param>
    /// <param name="curvatures">The second derivatives, 0 or more.</param>
    /// <param name="means">The second derivatives of the steps before.</param>
    /// <param name="step">The step's constants.</param>
    static abstract void Update(
        ref Wide parameters, Wide gradients, Wide curvatures, ref Wide means, in OptimizerConstants step);
}
