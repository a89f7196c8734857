using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>Layer normalization of tokens.</summary>
internal sealed class LayerNormalizationKind() : LayerKind("layerNormalization")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.Add(new LayerNormalization(layers.Parts, place, layers.Output));
}
