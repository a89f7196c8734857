using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Trainer.Setup.Networks;

namespace GpuConvnet.Trainer.Setup.Configuration;

/// <summary>
/// The network that was built last, for copies of one configuration, most of which describe the same. It is no part of what a
/// configuration says: all are equal.
/// </summary>
internal sealed class BuiltNetwork : IEquatable<BuiltNetwork>
{
    private (NetworkOptions Options, double Dropout, NetworkDescription? Description, LayerNetwork Network)? _last;

    private readonly Lock _gate = new();

    /// <summary>The network, built if it was not the last.</summary>
    /// <param name="options">Its activations, loss and, of the family of 1989, sizes.</param>
    /// <param name="dropout">The probability of dropping a unit, wherever the family does.</param>
    /// <param name="description">The description; null for the network of 1989.</param>
    /// <exception cref="NetworkFaultException">It cannot be built.</exception>
    public LayerNetwork Of(NetworkOptions options, double dropout, NetworkDescription? description)
    {
        lock (_gate)
        {
            if (_last is not var (lastOptions, lastDropout, lastDescription, network)
                || lastOptions != options || lastDropout != dropout || !Equals(lastDescription, description))
            {
                network = description?.Create(options, dropout) ?? Model.Families.Zip1989.Create(options, dropout);
                _last = (options, dropout, description, network);
            }

            return network;
        }
    }

    /// <inheritdoc/>
    public bool Equals(BuiltNetwork? other) => other is not null;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BuiltNetwork);

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}
