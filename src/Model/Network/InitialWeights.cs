namespace GpuConvnet.Model.Network;

/// <summary>How far the initial weights of a unit with F inputs spread.</summary>
public enum InitialWeights
{
    /// <summary>Uniform in ±2.4/sqrt(F): what the article found to work.</summary>
    Article,

    /// <summary>Uniform in ±2.4/F: what the paper prints.</summary>
    Paper,

    /// <summary>
    /// Uniform in ±2.4/F, biases too, F being a unit's inputs with its bias: what the paper says, by its own count of inputs.
    /// </summary>
    LeCun,

    /// <summary>Uniform in ±1/sqrt(F), biases too: what PyTorch's <c>Linear</c> and <c>Conv2d</c> begin with.</summary>
    PyTorch,
}
