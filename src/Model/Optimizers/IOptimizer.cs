namespace GpuConvnet.Model.Optimizers;

/// <summary>An optimizer as users know it: a name, and a rule with the constants of its steps.</summary>
internal interface IOptimizer
{
    /// <summary>What configurations call it.</summary>
    static abstract string Name { get; }

    /// <summary>What options that say nothing of it mean.</summary>
    static virtual OptimizerDefaults Defaults => new();

    /// <summary>The constants of one step, computed in double precision: those that the rule reads.</summary>
    /// <param name="options">The optimizer's options.</param>
    /// <param name="learningRate">This step's learning rate.</param>
    /// <param name="step">The step, from 0.</param>
    static abstract OptimizerConstants Constants(OptimizerOptions options, double learningRate, int step);

    /// <summary>Gives the rule to a visitor, by the method for its kind.</summary>
    /// <param name="visitor">What is given the rule.</param>
    static abstract void Accept<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IOptimizerVisitor, allows ref struct;
}
