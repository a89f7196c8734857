namespace GpuConvnet.Model.Network;

/// <summary>What the units of H1, H2 and H3 apply to their weighted sums.</summary>
public enum HiddenActivation
{
    /// <summary>The hyperbolic tangent: the article's, and in essence the paper's.</summary>
    Tanh,

    /// <summary>max(0, x): the last of the article's improvements.</summary>
    ReLU,
}
