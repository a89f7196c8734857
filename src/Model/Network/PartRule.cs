namespace GpuConvnet.Model.Network;

/// <summary>How a part's initial values are drawn.</summary>
public enum PartRule
{
    /// <summary>Uniformly, the wider the fewer inputs a unit has.</summary>
    Weights,

    /// <summary>0; by PyTorch's rule uniformly, as far as the weights.</summary>
    Biases,

    /// <summary>0.</summary>
    Zeros,

    /// <summary>1.</summary>
    Ones,
}
