using System.Collections.ObjectModel;

namespace GpuConvnet.Model.Network;

/// <summary>One named part of the parameter vector.</summary>
public sealed class ParameterPart
{
    internal ParameterPart(string name, int offset, int fanIn, params int[] shape)
    {
        Name = name;
        Offset = offset;
        FanIn = fanIn;
        Shape = Array.AsReadOnly(shape);
        Count = shape.Aggregate(1, (product, side) => product * side);
    }

    /// <summary>The article's name: <c>H1w</c>, <c>H1b</c>, <c>H2w</c>, <c>H2b</c>, <c>H3w</c>, <c>H3b</c>,
    /// <c>outw</c> or <c>outb</c>.</summary>
    public string Name { get; }

    /// <summary>Where the part begins in the vector.</summary>
    public int Offset { get; }

    /// <summary>The row-major shape.</summary>
    public ReadOnlyCollection<int> Shape { get; }

    /// <summary>How many parameters the part has.</summary>
    public int Count { get; }

    /// <summary>Inputs of a unit that these weights feed: 25, 200, 192 or 30; 0 for biases.</summary>
    public int FanIn { get; }

    /// <summary>Whether the part holds biases, not weights.</summary>
    public bool IsBias => FanIn == 0;

    /// <summary>The part's elements of a whole vector.</summary>
    /// <param name="vector">9,760 values: parameters, gradients or an optimizer's state.</param>
    public Span<float> Of(Span<float> vector) => vector.Slice(Offset, Count);

    /// <inheritdoc cref="Of(Span{float})"/>
    public ReadOnlySpan<float> Of(ReadOnlySpan<float> vector) => vector.Slice(Offset, Count);
}
