namespace GpuConvnet.Model.Network;

/// <summary>What the units of H1, H2 and H3 apply to their weighted sums.</summary>
public enum HiddenActivation
{
    /// <summary>The hyperbolic tangent: the article's, and in essence the paper's.</summary>
    Tanh,

    /// <summary>1.7159 tanh(2x/3): the paper's scaled tanh, with the constants that LeCun gives elsewhere.</summary>
    ScaledTanh,

    /// <summary>max(0, x): the last of the article's improvements.</summary>
    ReLU,

    /// <summary>The Gaussian error linear unit in its tanh form, PyTorch's <c>approximate="tanh"</c>.</summary>
    Gelu,
}
