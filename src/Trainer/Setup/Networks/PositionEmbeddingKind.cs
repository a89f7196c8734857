using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>A learned value per token and feature.</summary>
internal sealed class PositionEmbeddingKind() : LayerKind("positionEmbedding")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.Add(new PositionEmbedding(layers.Parts, $"{place}.weight", layers.Output));
}
