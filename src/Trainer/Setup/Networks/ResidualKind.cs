using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>Layers past which their input goes too.</summary>
internal sealed class ResidualKind() : LayerKind("residual", LayersKey)
{
    private const string LayersKey = "layers";
    private const int MostNesting = 8;

    /// <inheritdoc/>
    public override void Add(LayerList layers, NetworkNode node, string place)
    {
        IReadOnlyList<NetworkNode> nodes = node.Items(LayersKey);
        LayerException.Require(nodes.Count > 0, $"expected one layer or more, found none");
        int nesting = place.Count(sign => sign == '.');
        LayerException.Require(nesting < MostNesting, $"expected residuals in at most {MostNesting} others");
        LayerList inner = layers.Inner();
        LayerKinds.AddAll(inner, nodes, $"{place}.");
        LayerException.Require(inner.Layers.Count > 0, $"expected a layer that computes something, found none");
        layers.Add(new Residual(new LayerChain(inner.Layers)));
    }
}
