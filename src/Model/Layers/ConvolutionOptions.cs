namespace GpuConvnet.Model.Layers;

/// <summary>How a convolution goes over its input. What is left out is as in 1989.</summary>
public sealed record ConvolutionOptions
{
    /// <summary>The side of the kernel, which is square.</summary>
    public int Kernel { get; init; } = Shape1989.KernelSize;

    /// <summary>From one unit's window to the next one's.</summary>
    public int Stride { get; init; } = Shape1989.Stride;

    /// <summary>The width of the border around the input.</summary>
    public int Padding { get; init; } = Shape1989.Padding;

    /// <summary>The value of that border.</summary>
    public float PaddingValue { get; init; } = Shape1989.PaddingValue;

    /// <summary>Whether every unit has a bias of its own, as in 1989, not every map.</summary>
    public bool HasUnitBiases { get; init; } = true;

    /// <summary>For each map the input's maps that it reads; null if each reads all.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Connections { get; init; }

    /// <summary>Refuses sizes that cannot be.</summary>
    /// <exception cref="LayerException">One cannot be.</exception>
    internal void Check()
    {
        LayerException.Require(Kernel >= 1, $"expected a kernel of 1 or more, found {Kernel}");
        LayerException.Require(Stride >= 1, $"expected a stride of 1 or more, found {Stride}");
        LayerException.Require(Padding >= 0, $"expected a border of 0 or more, found {Padding}");
        LayerException.Require(float.IsFinite(PaddingValue), $"expected a number for the border, found {PaddingValue}");
    }
}
