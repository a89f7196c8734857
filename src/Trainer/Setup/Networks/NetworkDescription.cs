using System.Text.Json;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Trainer.Setup.Networks;

/// <summary>
/// A network as a configuration or a saved model describes it: a family with its sizes,
/// <c>{ "family": "1989", "width": 2 }</c>, or the layers themselves, <c>{ "layers": [ ... ] }</c>. Whether it can be built shows
/// when it is.
/// </summary>
internal sealed class NetworkDescription : IEquatable<NetworkDescription>
{
    /// <summary>The JSON path of a network in a configuration.</summary>
    internal const string Path = "$.network";

    private const string LayersKey = "layers";

    /// <summary>The most characters: a model's header, which repeats them, stays below its own limit.</summary>
    private const int MostCharacters = 50_000;

    /// <summary>The most units of all layers together: each is a number per example that is looked at at once.</summary>
    private const int MostUnits = 4 << 20;

    private readonly JsonElement _json;

    /// <summary>Takes a description as it is.</summary>
    /// <param name="json">The description.</param>
    internal NetworkDescription(JsonElement json)
    {
        _json = json.Clone();
        Json = JsonSerializer.Serialize(_json, NetworkJson.Compact.JsonElement);
    }

    /// <summary>The description as JSON on one line.</summary>
    internal string Json { get; }

    /// <summary>Whether it lists its layers, and so says every activation itself.</summary>
    internal bool IsListed => Node.Has(LayersKey);

    private NetworkNode Node => new(_json, Path);

    /// <summary>Refuses a network whose layers have more units than there is memory for.</summary>
    /// <param name="layers">The layers so far.</param>
    /// <param name="path">The JSON path of the last layer.</param>
    internal static void RequireUnits(IReadOnlyList<Layer> layers, string path)
    {
        long units = layers.Sum(layer => (long)layer.Output.Count + layer.Kept);
        if (units is < 0 or > MostUnits || (layers.Count > 0 && layers[^1].Output.Count < 0))
        {
            throw new NetworkFaultException(path, FormattableString.Invariant(
                $"expected at most {MostUnits} units in all layers, found {units}, {layers[^1].Output} of them here"));
        }
    }

    /// <summary>Writes it.</summary>
    /// <param name="writer">Where to.</param>
    internal void WriteTo(Utf8JsonWriter writer) => _json.WriteTo(writer);

    /// <summary>The sizes of a network of the family of 1989; null for any other.</summary>
    /// <exception cref="NetworkFaultException">There is no such family, or no such network in it.</exception>
    internal NetworkShape? Shape()
    {
        RequireSize();
        if (IsListed)
        {
            return null;
        }

        RequireFamily();
        return NetworkFamilies.Of(Node).Shape(Node);
    }

    /// <summary>Builds the network.</summary>
    /// <param name="options">Its loss; of a family its activations too.</param>
    /// <param name="dropout">The probability of dropping a unit, wherever the family does.</param>
    /// <exception cref="NetworkFaultException">It cannot be built.</exception>
    internal LayerNetwork Create(NetworkOptions options, double dropout)
    {
        RequireSize();
        string path = Path;
        try
        {
            if (!IsListed)
            {
                RequireFamily();
                return NetworkFamilies.Of(Node).Create(Node, options, dropout);
            }

            Node.AllowOnly(LayersKey);
            IReadOnlyList<NetworkNode> nodes = Node.Items(LayersKey);
            path = $"{Path}.{LayersKey}";
            if (nodes.Count == 0)
            {
                throw new NetworkFaultException(path, "expected one layer or more, found none");
            }

            LayerList layers = new();
            LayerKinds.AddAll(layers, nodes);
            return layers.ToNetwork(options);
        }
        catch (LayerException failure)
        {
            throw new NetworkFaultException(path, failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public bool Equals(NetworkDescription? other) => other is not null && other.Json == Json;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NetworkDescription);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Json, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Json;

    private void RequireFamily()
    {
        if (!Node.Has(NetworkFamily.Key))
        {
            throw new NetworkFaultException(
                Path, $"expected '{NetworkFamily.Key}' or '{LayersKey}', found neither; the network of 1989 needs no description");
        }
    }

    private void RequireSize()
    {
        if (Json.Length > MostCharacters)
        {
            throw new NetworkFaultException(Path, FormattableString.Invariant(
                $"expected a description of at most {MostCharacters} characters, spaces aside, found {Json.Length}"));
        }
    }
}
