using GpuConvnet.Model.Layers;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>A kind of layer that a network's <c>layers</c> may hold: what configurations call it, and how it is read.</summary>
/// <param name="name">Its name.</param>
/// <param name="keys">The keys that its description may have beside <c>kind</c>.</param>
internal abstract class LayerKind(string name, params string[] keys)
{
    /// <summary>The key that names the kind.</summary>
    public const string Key = "kind";

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The keys that its description may have.</summary>
    public IReadOnlyList<string> Keys { get; } = [Key, .. keys];

    /// <summary>Adds a layer.</summary>
    /// <param name="layers">The network so far.</param>
    /// <param name="node">The layer's description.</param>
    /// <param name="place">Its place in the list, as PyTorch's <c>Sequential</c> has it: <c>3</c>, or <c>3.0</c> within the
    /// layer at 3.</param>
    /// <exception cref="NetworkFaultException">The description cannot be used.</exception>
    /// <exception cref="LayerException">The layer does not fit.</exception>
    public abstract void Add(LayerList layers, NetworkNode node, string place);
}
