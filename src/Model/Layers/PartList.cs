using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Layers;

/// <summary>The parameters of a network while it is put together: each layer adds its own after those before it.</summary>
public sealed class PartList
{
    private readonly List<ParameterPart> _parts = [];

    /// <summary>The parts so far, in the order of the parameter vector.</summary>
    public IReadOnlyList<ParameterPart> Parts => _parts;

    /// <summary>How many parameters there are so far.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a part.</summary>
    /// <param name="name">What files call it; one of its kind in the network.</param>
    /// <param name="rule">How its initial values are drawn.</param>
    /// <param name="inputs">Inputs of a unit that it belongs to.</param>
    /// <param name="shape">The row-major shape.</param>
    /// <exception cref="LayerException">The network would have more parameters than a vector has room for.</exception>
    public ParameterPart Add(string name, PartRule rule, int inputs, params int[] shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        long count = Count + shape.Aggregate(1L, (product, side) => product * side);
        LayerException.Require(
            count <= LayerNetwork.MostParameters,
            $"expected at most {LayerNetwork.MostParameters} parameters, found {count} with {name}");
        ParameterPart part = new(name, Count, rule, inputs, shape);
        _parts.Add(part);
        Count = (int)count;
        return part;
    }
}
