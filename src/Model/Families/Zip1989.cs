using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Families;

/// <summary>
/// The family of the network of 1989: two convolutions, the second of which reads some of the first one's maps, and two dense
/// layers. Its parameters have the article's names, order and shapes.
/// <code>
/// image (1, 16, 16) -> H1 (12, 8, 8) -> H2 (12, 4, 4) -> H3 (30) -> outputs (10)
/// </code>
/// </summary>
public static class Zip1989
{
    /// <summary>A network of the family.</summary>
    /// <param name="options">Its sizes, activations, connections and loss.</param>
    /// <param name="dropout">The probability of dropping a unit of H2 on its way to H3.</param>
    /// <exception cref="LayerException">The connections are another shape's, or the dropout is no probability.</exception>
    public static LayerNetwork Create(NetworkOptions options, double dropout = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        NetworkShape shape = options.Shape;
        LayerException.Require(options.Connections.Fits(shape), $"the connections of H2 are those of another shape");
        ConvolutionOptions convolution = new()
        {
            Kernel = shape.KernelSize,
            Stride = shape.Stride,
            Padding = shape.Padding,
            PaddingValue = shape.PaddingValue,
        };
        LayerList layers = new();
        layers.Add(new Convolution(
            layers.Parts, "H1w", "H1b", new TensorShape(1, shape.InputSize, shape.InputSize), shape.H1Maps, convolution));
        layers.AddActivation(options.Hidden);
        ConvolutionOptions connected = convolution with
        {
            Connections = [.. Enumerable.Range(0, shape.H2Maps).Select(map => options.Connections.Sources(map).ToArray())],
        };
        layers.Add(new Convolution(layers.Parts, "H2w", "H2b", layers.Output, shape.H2Maps, connected));
        layers.AddActivation(options.Hidden);
        layers.AddDropout(dropout);
        layers.Add(new Dense(layers.Parts, "H3w", "H3b", layers.Output, shape.H3Units, inputsFirst: true));
        layers.AddActivation(options.Hidden);
        layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, shape.Outputs, inputsFirst: true));
        layers.AddActivation(options.Output);
        return layers.ToNetwork(options);
    }
}
