using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>Square patches as tokens.</summary>
internal sealed class PatchEmbeddingKind() : LayerKind("patchEmbedding", "patch", "features")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.Add(new PatchEmbedding(layers.Parts, place, layers.Output, node.Whole("patch"), node.Whole("features")));
}
