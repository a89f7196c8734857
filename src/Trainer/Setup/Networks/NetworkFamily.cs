using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>A family of networks that a configuration may name: what it is called, and how its sizes are read.</summary>
/// <param name="name">Its name.</param>
/// <param name="keys">The keys that its description may have beside <c>family</c>.</param>
internal abstract class NetworkFamily(string name, params string[] keys)
{
    /// <summary>The key that names the family.</summary>
    public const string Key = "family";

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>The keys that its description may have.</summary>
    public IReadOnlyList<string> Keys { get; } = [Key, .. keys];

    /// <summary>The sizes of a network of the family of 1989; null for any other.</summary>
    /// <param name="node">The network's description.</param>
    /// <exception cref="NetworkFaultException">There is no such network.</exception>
    public virtual NetworkShape? Shape(NetworkNode node) => null;

    /// <summary>The network.</summary>
    /// <param name="node">Its description.</param>
    /// <param name="options">Its activations and loss, and what else the family takes of them.</param>
    /// <param name="dropout">The probability of dropping a unit, wherever the family does.</param>
    /// <exception cref="NetworkFaultException">The description cannot be used.</exception>
    /// <exception cref="LayerException">Its layers do not fit each other.</exception>
    public abstract LayerNetwork Create(NetworkNode node, NetworkOptions options, double dropout);
}
