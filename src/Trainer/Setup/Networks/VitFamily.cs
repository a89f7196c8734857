using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>Small vision transformers: <see cref="VisionTransformer"/>.</summary>
internal sealed class VitFamily() : NetworkFamily("vit", "patch", "features", "heads", "depth", "hidden")
{
    private const int MostDepth = 64;

    /// <inheritdoc/>
    public override LayerNetwork Create(NetworkNode node, NetworkOptions options, double dropout)
    {
        VisionTransformerSizes sizes = new();
        sizes = new VisionTransformerSizes
        {
            Patch = node.Whole("patch", sizes.Patch),
            Features = node.Whole("features", sizes.Features),
            Heads = node.Whole("heads", sizes.Heads),
            Depth = node.Whole("depth", sizes.Depth),
            Hidden = node.Whole("hidden", sizes.Hidden),
        };
        LayerException.Require(sizes.Depth <= MostDepth, $"expected a depth of at most {MostDepth}, found {sizes.Depth}");
        LayerNetwork network = VisionTransformer.Create(sizes, options, dropout);
        NetworkDescription.RequireUnits(network.Chain.Layers, node.Path);
        return network;
    }
}
