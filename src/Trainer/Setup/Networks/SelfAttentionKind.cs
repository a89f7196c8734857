using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>Multi-head self-attention.</summary>
internal sealed class SelfAttentionKind() : LayerKind("selfAttention", "heads")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.Add(new SelfAttention(layers.Parts, place, layers.Output, node.Whole("heads")));
}
