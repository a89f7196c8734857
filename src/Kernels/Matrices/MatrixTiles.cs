using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// The tiles of four rows and four columns that squares and matrices are cut into, numbered line by line.
/// </summary>
/// <param name="row">Float4s of a line; at least 1.</param>
internal readonly struct MatrixTiles(int row)
{
    /// <summary>Float4s of a line.</summary>
    public int Row { get; } = row;

    /// <summary>How many tiles a square has on its diagonal and below.</summary>
    public int Half => Row * (Row + 1) / 2;

    /// <summary>Numbers of tasks in some lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Tasks(int lines) => lines * Row;

    /// <summary>The task's line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Line(int task) => task / Row;

    /// <summary>The task's float4 in its line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Column(int task) => task - task / Row * Row;

    /// <summary>Where a tile is on the diagonal or below.</summary>
    /// <param name="tile">Its number.</param>
    /// <param name="block">Its line.</param>
    /// <param name="column">Its float4 in it, at most as much.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfHalf(int tile, out int block, out int column)
    {
        // A root may be rounded either way.
        int line = (int)((MathF.Sqrt(8 * tile + 1) - 1f) * 0.5f);
        line = line * (line + 1) / 2 > tile ? line - 1 : line;
        line = (line + 1) * (line + 2) / 2 <= tile ? line + 1 : line;
        block = line;
        column = tile - line * (line + 1) / 2;
    }
}
