using System.Globalization;
using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>The kinds of layers: a class and a line each.</summary>
internal static class LayerKinds
{
    /// <summary>All of them, in the order in which they are listed to a user.</summary>
    public static IReadOnlyList<LayerKind> All { get; } =
    [
        new ConvolutionKind(),
        new DenseKind(),
        new ActivationKind(),
        new DropoutKind(),
        new PatchEmbeddingKind(),
        new PositionEmbeddingKind(),
        new LayerNormalizationKind(),
        new SelfAttentionKind(),
        new TokenMeanKind(),
        new ResidualKind(),
    ];

    private static IReadOnlyList<string> Names { get; } = [.. All.Select(kind => kind.Name)];

    /// <summary>Adds the layers of a list.</summary>
    /// <param name="layers">The network so far.</param>
    /// <param name="nodes">The layers' descriptions.</param>
    /// <param name="prefix">What comes before their places in the names of their parameters.</param>
    /// <exception cref="NetworkFaultException">One of them cannot be used, or does not fit.</exception>
    public static void AddAll(LayerList layers, IReadOnlyList<NetworkNode> nodes, string prefix = "")
    {
        for (int place = 0; place < nodes.Count; place++)
        {
            NetworkNode node = nodes[place];
            string name = node.Word(LayerKind.Key, Names);
            LayerKind kind = All.First(known => known.Name == name);
            node.AllowOnly(kind.Keys);
            TensorShape input = layers.Output;
            try
            {
                kind.Add(layers, node, prefix + place.ToString(CultureInfo.InvariantCulture));
            }
            catch (LayerException failure)
            {
                throw new NetworkFaultException(node.Path, $"{name} after {input}: {failure.Message}", failure);
            }

            NetworkDescription.RequireUnits(layers.Layers, node.Path);
        }
    }
}
