namespace GpuConvnet.Model.Optimizers;

/// <summary>
/// Is given an optimizer's rule as a type argument: a struct, so that nothing is dispatched. There is a method per kind of
/// rule. Whoever takes steps says of each kind what becomes of it, a refusal included.
/// </summary>
internal interface IOptimizerVisitor
{
    /// <summary>Takes a rule that moves each parameter by itself.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    void VisitElementwise<TRule>()
        where TRule : struct, IUpdateRule;

    /// <summary>Takes a rule that moves each parameter by itself, by its gradient and second derivative.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    void VisitCurvature<TRule>()
        where TRule : struct, ICurvatureRule;

    /// <summary>Takes a rule that moves each weight matrix as a whole, and one for the other parameters.</summary>
    /// <typeparam name="TRule">The rule of matrices.</typeparam>
    /// <typeparam name="TVectors">The rule of the others.</typeparam>
    void VisitMatrix<TRule, TVectors>()
        where TRule : struct, IMatrixRule
        where TVectors : struct, IUpdateRule;
}
