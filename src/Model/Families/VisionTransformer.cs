using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Families;

/// <summary>
/// A small vision transformer (Dosovitskiy et al., 2020), with normalization before each part, a mean over tokens in place of a
/// class token, and positions that are learned:
/// <code>
/// image -> patches as tokens -> + positions -> blocks -> normalization -> mean over tokens -> outputs
/// block: x + attention(normalization(x)), then x + dense(f(dense(normalization(x))))
/// </code>
/// </summary>
/// <remarks>Parameters are called as in the PyTorch library timm.</remarks>
public static class VisionTransformer
{
    /// <summary>A network of the family.</summary>
    /// <param name="sizes">Its sizes.</param>
    /// <param name="options">Its activations and loss.</param>
    /// <param name="dropout">The probability of dropping a unit of what a block's two parts add.</param>
    /// <exception cref="LayerException">Sizes do not fit each other, or the dropout is no probability.</exception>
    public static LayerNetwork Create(VisionTransformerSizes sizes, NetworkOptions options, double dropout = 0)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(options);
        LayerException.Require(sizes.Depth >= 1, $"expected a depth of 1 or more, found {sizes.Depth}");
        LayerException.Require(sizes.Hidden >= 1, $"expected one hidden unit or more, found {sizes.Hidden}");
        LayerList layers = new();
        layers.Add(new PatchEmbedding(layers.Parts, "patch_embed.proj", layers.Output, sizes.Patch, sizes.Features));
        layers.Add(new PositionEmbedding(layers.Parts, "pos_embed", layers.Output));
        for (int depth = 0; depth < sizes.Depth; depth++)
        {
            string block = FormattableString.Invariant($"blocks.{depth}");
            LayerList attention = layers.Inner();
            attention.Add(new LayerNormalization(layers.Parts, $"{block}.norm1", attention.Output));
            attention.Add(new SelfAttention(layers.Parts, $"{block}.attn", attention.Output, sizes.Heads));
            attention.AddDropout(dropout);
            layers.Add(new Residual(new LayerChain(attention.Layers)));

            LayerList dense = layers.Inner();
            dense.Add(new LayerNormalization(layers.Parts, $"{block}.norm2", dense.Output));
            dense.Add(new Dense(
                layers.Parts, $"{block}.mlp.fc1.weight", $"{block}.mlp.fc1.bias", dense.Output, sizes.Hidden));
            dense.AddActivation(options.Hidden);
            dense.Add(new Dense(
                layers.Parts, $"{block}.mlp.fc2.weight", $"{block}.mlp.fc2.bias", dense.Output, sizes.Features));
            dense.AddDropout(dropout);
            layers.Add(new Residual(new LayerChain(dense.Layers)));
        }

        layers.Add(new LayerNormalization(layers.Parts, "norm", layers.Output));
        layers.Add(new TokenMean(layers.Output));
        layers.Add(new Dense(layers.Parts, "head.weight", "head.bias", layers.Output, options.Shape.Outputs));
        layers.AddActivation(options.Output);
        return layers.ToNetwork(options);
    }
}
