using System.Numerics;

namespace GpuConvnet.Model.Numbers;

/// <summary>
/// Weights whose gradient is the sum, over pairs of places and over the examples, of a product each:
/// weights[column][row] += the sum over a tile's pairs i of rows[row][rowOf[i]] * columns[start of column + columnOf[i]].
/// </summary>
/// <typeparam name="TReal">The number.</typeparam>
/// <typeparam name="TWeight">What weights are.</typeparam>
internal readonly unsafe struct PairTiles<TReal, TWeight>
    where TReal : unmanaged
    where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
{
    /// <summary>The most rows.</summary>
    public const int MostRows = 4;

    /// <summary>The first row.</summary>
    public TReal* Rows { get; init; }

    /// <summary>From a row to the next.</summary>
    public nint RowStep { get; init; }

    /// <summary>How many rows, 1 to 4.</summary>
    public int RowCount { get; init; }

    /// <summary>What the columns' starts count from.</summary>
    public TReal* Columns { get; init; }

    /// <summary>(columns, rows): the weights.</summary>
    public TWeight* Weights { get; init; }

    /// <summary>The tiles.</summary>
    public PairTile* Tiles { get; init; }

    /// <summary>How many.</summary>
    public int Count { get; init; }

    /// <summary>Each pair's place in a row.</summary>
    public int* RowOf { get; init; }

    /// <summary>Each pair's place in a column.</summary>
    public int* ColumnOf { get; init; }
}
