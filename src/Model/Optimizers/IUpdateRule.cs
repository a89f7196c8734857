using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// An optimizer's update of one parameter, as a compile-time choice: the host and the kernels run this very code.
/// State begins at 0.
/// </summary>
internal interface IUpdateRule
{
    /// <summary>The states of a parameter: vectors as long as the parameters. A rule that needs fewer leaves the others at 0.</summary>
    const int States = 2;

    /// <summary>
    /// Whether evaluations and saved models take an average of the parameters, which is the parameters plus their first states,
    /// and not what gradients are taken at.
    /// </summary>
    static virtual bool EvaluatesAverage => false;

    /// <summary>Changes one parameter and its state by one gradient.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">The derivative of the mean loss by it.</param>
    /// <param name="state1">Momentum, or Adam's first moment.</param>
    /// <param name="state2">Adam's second moment.</param>
    /// <param name="step">The step's constants.</param>
    static abstract void Update(
        ref float parameter, float gradient, ref float state1, ref float state2, in OptimizerConstants step);

    /// <summary>Changes sixteen parameters and their state by their gradients, as the other does one.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="gradients">The derivatives of the mean loss by them.</param>
    /// <param name="states1">Momentum, or Adam's first moments.</param>
    /// <param name="states2">Adam's second moments.</param>
    /// <param name="step">The step's constants.</param>
    static abstract void Update(
        ref Wide parameters, Wide gradients, ref Wide states1, ref Wide states2, in OptimizerConstants step);
}
