namespace GpuConvnet.Model.Network;

/// <summary>What the ten output units apply to their weighted sums.</summary>
public enum OutputActivation
{
    /// <summary>The hyperbolic tangent, for targets of +1 and -1.</summary>
    Tanh,

    /// <summary>Nothing: the sums are logits, or plain regression outputs.</summary>
    Linear,
}
