using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>
/// A convolution. What is left out is PyTorch's <c>Conv2d</c>: stride 1, no border, border value 0, a bias per map, every map
/// reading all.
/// </summary>
internal sealed class ConvolutionKind()
    : LayerKind("convolution", "maps", "kernel", "stride", "padding", "paddingValue", "bias", "connections")
{
    private const string UnitBias = "unit";
    private const string MapBias = "map";

    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place)
    {
        ConvolutionOptions options = new()
        {
            Kernel = node.Whole("kernel"),
            Stride = node.Whole("stride", otherwise: 1),
            Padding = node.Whole("padding", otherwise: 0),
            PaddingValue = (float)node.Number("paddingValue", otherwise: 0),
            HasUnitBiases = node.Word("bias", [MapBias, UnitBias], otherwise: MapBias) == UnitBias,
            Connections = node.Table("connections"),
        };
        layers.Add(new Convolution(
            layers.Parts, $"{place}.weight", $"{place}.bias", layers.Output, node.Whole("maps"), options));
    }
}
