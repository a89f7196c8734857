namespace GpuConvnet.Model.Layers;

/// <summary>Some products of many sums, <see cref="TapSums{TReal, TWeight}"/>: those of a table's triples.</summary>
/// <param name="table">Per sum, which weights and which values; it has to outlive the reader.</param>
/// <param name="weight">What its weights count from.</param>
/// <param name="value">What its values count from.</param>
internal readonly unsafe struct TapReader(TapTable table, int weight, int value)
{
    /// <summary>Per sum, its first triple; the next one's is behind the last.</summary>
    public int* Starts { get; } = table.StartsPointer;

    /// <summary>Each triple's weight.</summary>
    public int* WeightOf { get; } = table.FirstPointer;

    /// <summary>Each triple's value.</summary>
    public int* ValueOf { get; } = table.SecondPointer;

    /// <summary>What the weights count from.</summary>
    public int Weight { get; } = weight;

    /// <summary>What the values count from.</summary>
    public int Value { get; } = value;
}
