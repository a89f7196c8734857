using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Families;

/// <summary>
/// A network in the manner of LeNet-5 (LeCun et al., 1998) for images of 16x16: strides in place of its subsampling, a bias per
/// map, and every map reading all. It has its maps and units.
/// <code>
/// image (1, 16, 16) -> C1 (6, 16, 16) -> C2 (16, 8, 8), stride 2 -> C3 (16, 4, 4), stride 2 -> 120 -> 84 -> outputs (10)
/// </code>
/// </summary>
public static class LeNet5
{
    /// <summary>The network.</summary>
    /// <param name="options">Its activations and loss.</param>
    /// <param name="dropout">The probability of dropping a unit on its way to the first dense layer, in [0, 1).</param>
    /// <exception cref="LayerException">The dropout is no probability.</exception>
    public static LayerNetwork Create(NetworkOptions options, double dropout = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        ConvolutionOptions convolution = new() { Stride = 1, PaddingValue = 0, HasUnitBiases = false };
        LayerList layers = new();
        AddConvolution(layers, "C1", 6, convolution, options);
        AddConvolution(layers, "C2", 16, convolution with { Stride = 2 }, options);
        AddConvolution(layers, "C3", 16, convolution with { Stride = 2 }, options);
        layers.AddDropout(dropout);
        AddDense(layers, "F5", 120);
        layers.AddActivation(options.Hidden);
        AddDense(layers, "F6", 84);
        layers.AddActivation(options.Hidden);
        AddDense(layers, "out", options.Shape.Outputs);
        layers.AddActivation(options.Output);
        return layers.ToNetwork(options);
    }

    private static void AddConvolution(
        LayerList layers, string name, int maps, ConvolutionOptions convolution, NetworkOptions options)
    {
        layers.Add(new Convolution(layers.Parts, $"{name}.weight", $"{name}.bias", layers.Output, maps, convolution));
        layers.AddActivation(options.Hidden);
    }

    private static void AddDense(LayerList layers, string name, int units) =>
        layers.Add(new Dense(layers.Parts, $"{name}.weight", $"{name}.bias", layers.Output, units));
}
