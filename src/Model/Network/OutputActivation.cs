namespace GpuConvnet.Model.Network;

/// <summary>What the ten output units apply to their weighted sums.</summary>
public enum OutputActivation
{
    /// <summary>The hyperbolic tangent, for targets of +1 and -1.</summary>
    Tanh,

    /// <summary>LeCun's 1.7159 tanh(2x/3), whose values for ±1 are the targets ±1.</summary>
    ScaledTanh,

    /// <summary>Nothing: the sums are logits, or plain regression outputs.</summary>
    Linear,
}
