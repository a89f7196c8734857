using System.Globalization;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// The sides of what a layer takes or gives, of one example, row-major: (maps, rows, columns), (tokens, features) or (units).
/// </summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    private readonly int[] _sides;

    /// <summary>A shape.</summary>
    /// <param name="sides">One to three sides, each 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or there are none or more than three.</exception>
    public TensorShape(params int[] sides)
    {
        ArgumentNullException.ThrowIfNull(sides);
        ArgumentOutOfRangeException.ThrowIfZero(sides.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sides.Length, 3);
        foreach (int side in sides)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(side, 1, nameof(sides));
        }

        _sides = [.. sides];
    }

    /// <summary>An image: (1, 16, 16).</summary>
    public static TensorShape Image { get; } = new(1, Shape1989.InputSize, Shape1989.InputSize);

    /// <summary>How many sides.</summary>
    public int Rank => _sides.Length;

    /// <summary>How many numbers.</summary>
    public int Count => _sides.Aggregate(1, (product, side) => product * side);

    /// <summary>Whether it is (maps, rows, columns).</summary>
    public bool IsMaps => Rank == 3;

    /// <summary>Whether it is (tokens, features).</summary>
    public bool IsTokens => Rank == 2;

    /// <summary>A side.</summary>
    /// <param name="index">Which, from 0.</param>
    public int this[int index] => _sides[index];

    /// <inheritdoc/>
    public bool Equals(TensorShape? other) => other is not null && _sides.AsSpan().SequenceEqual(other._sides);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode() => _sides.Aggregate(0, HashCode.Combine);

    /// <summary>As Python writes it: <c>(12, 8, 8)</c>, <c>(30)</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({string.Join(", ", _sides)})");
}
