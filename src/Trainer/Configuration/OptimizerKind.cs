namespace GpuConvnet.Trainer.Configuration;

/// <summary>The rule that turns gradients into new parameters.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent: parameter -= learningRate * gradient.</summary>
    Sgd,
}
