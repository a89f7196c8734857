using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>The mean over tokens.</summary>
internal sealed class TokenMeanKind() : LayerKind("tokenMean")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.Add(new TokenMean(layers.Output));
}
