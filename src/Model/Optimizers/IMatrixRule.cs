namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// An optimizer's update of a whole weight matrix, as a compile-time choice: what is said of an element here, with
/// <see cref="NewtonSchulz"/> between the two. The host and the kernels run this very code. State begins at 0. What is no matrix,
/// biases above all, is moved by an <see cref="IUpdateRule"/>.
/// </summary>
internal interface IMatrixRule
{
    /// <summary>Changes an element's momentum by its gradient.</summary>
    /// <param name="gradient">The derivative of the mean loss by it.</param>
    /// <param name="momentum">Its momentum, the first state. The second stays 0.</param>
    /// <param name="step">The step's constants.</param>
    /// <returns>The element of the matrix that is to be made orthogonal.</returns>
    static abstract float Direction(float gradient, ref float momentum, in OptimizerConstants step);

    /// <summary>Moves an element.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="orthogonal">The element of the orthogonal matrix.</param>
    /// <param name="matrix">The matrix.</param>
    /// <param name="step">The step's constants.</param>
    /// <returns>The parameter after the step.</returns>
    static abstract float Moved(float parameter, float orthogonal, in WeightMatrix matrix, in OptimizerConstants step);
}
