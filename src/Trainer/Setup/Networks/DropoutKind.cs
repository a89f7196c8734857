using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>Units dropped at random in training.</summary>
internal sealed class DropoutKind() : LayerKind("dropout", "probability")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.AddDropout(node.Number("probability"));
}
