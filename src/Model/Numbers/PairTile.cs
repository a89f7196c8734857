using System.Numerics;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// A tile of weights whose gradient is the sum, over pairs of places and over the examples, of a product each:
/// weight[row, column] += the sum over i of rows[row][rowOf[i]] * columns[column][columnOf[i]].
/// </summary>
/// <typeparam name="TReal">The number.</typeparam>
/// <typeparam name="TWeight">What weights are.</typeparam>
internal readonly unsafe struct PairTile<TReal, TWeight>
    where TReal : unmanaged
    where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
{
    /// <summary>The most rows, and the most columns.</summary>
    public const int Side = 4;

    /// <summary>The first row.</summary>
    public TReal* Rows { get; init; }

    /// <summary>From a row to the next.</summary>
    public nint RowStep { get; init; }

    /// <summary>How many rows, 1 to 4.</summary>
    public int RowCount { get; init; }

    /// <summary>The columns, as many as there are.</summary>
    public TReal** Columns { get; init; }

    /// <summary>Each column's weight of the first row.</summary>
    public TWeight** Weights { get; init; }

    /// <summary>From a row's weight to the next one's.</summary>
    public nint WeightStep { get; init; }

    /// <summary>How many columns, 1 to 4.</summary>
    public int ColumnCount { get; init; }

    /// <summary>Each pair's place in a row.</summary>
    public int* RowOf { get; init; }

    /// <summary>Each pair's place in a column.</summary>
    public int* ColumnOf { get; init; }

    /// <summary>How many pairs.</summary>
    public int Pairs { get; init; }
}
