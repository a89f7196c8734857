using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>
/// Units that read every input, or, of tokens, each token by itself; the weights are as PyTorch's <c>Linear</c> has them.
/// </summary>
internal sealed class DenseKind() : LayerKind("dense", "units")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.Add(new Dense(layers.Parts, $"{place}.weight", $"{place}.bias", layers.Output, node.Whole("units")));
}
