using System.Collections.ObjectModel;

namespace GpuConvnet.Model.Network;

/// <summary>One named part of the parameter vector.</summary>
public sealed class ParameterPart
{
    internal ParameterPart(string name, int offset, int fanIn, params int[] shape)
        : this(name, offset, fanIn == 0 ? PartRule.Biases : PartRule.Weights, fanIn, shape)
    {
    }

    internal ParameterPart(string name, int offset, PartRule rule, int inputs, int[] shape)
    {
        Name = name;
        Offset = offset;
        Rule = rule;
        Inputs = inputs;
        Shape = Array.AsReadOnly(shape);
        Count = shape.Aggregate(1, (product, side) => product * side);
    }

    /// <summary>What files call it. In 1989 it is the article's name: <c>H1w</c>, <c>H1b</c>, <c>H2w</c>, <c>H2b</c>,
    /// <c>H3w</c>, <c>H3b</c>, <c>outw</c> or <c>outb</c>.</summary>
    public string Name { get; }

    /// <summary>Where the part begins in the vector.</summary>
    public int Offset { get; }

    /// <summary>The row-major shape.</summary>
    public ReadOnlyCollection<int> Shape { get; }

    /// <summary>How many parameters the part has.</summary>
    public int Count { get; }

    /// <summary>How its initial values are drawn.</summary>
    public PartRule Rule { get; }

    /// <summary>Inputs of a unit that the part belongs to; 0 if nobody asks.</summary>
    public int Inputs { get; }

    /// <summary>Inputs of a unit that these weights feed: 25, 200, 192 or 30 in 1989; 0 for all but weights.</summary>
    public int FanIn => Rule == PartRule.Weights ? Inputs : 0;

    /// <summary>Whether the part holds biases, not weights.</summary>
    public bool IsBias => FanIn == 0;

    /// <summary>The part's elements of a whole vector.</summary>
    /// <param name="vector">All values: parameters, gradients or an optimizer's state.</param>
    /// <exception cref="ArgumentOutOfRangeException">The vector ends before the part does.</exception>
    public Span<float> Of(Span<float> vector) => vector.Slice(Offset, Count);

    /// <inheritdoc cref="Of(Span{float})"/>
    public ReadOnlySpan<float> Of(ReadOnlySpan<float> vector) => vector.Slice(Offset, Count);
}
