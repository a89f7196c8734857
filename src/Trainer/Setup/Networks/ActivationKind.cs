using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>An activation function of every unit.</summary>
internal sealed class ActivationKind() : LayerKind("activation", "function")
{
    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place) =>
        layers.AddActivation(node.Function("function"));
}
