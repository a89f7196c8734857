namespace GpuConvnet.Model.Optimizers;

/// <summary>How a gradient becomes a step.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with or without (Nesterov) momentum.</summary>
    Sgd,

    /// <summary>Adam (Kingma and Ba, 2014); weight decay, if any, is added to the gradient.</summary>
    Adam,

    /// <summary>AdamW (Loshchilov and Hutter, 2017): Adam with decoupled weight decay.</summary>
    AdamW,
}
