using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// How tasks are numbered that are pairs of a line and a float4 in it: by a power of two per line, of which some are left out, so that no
/// thread divides. The compiler moves a division into the loop that needs its result, where it costs more than the loop's products.
/// </summary>
/// <param name="row">Float4s of a line; at least 1.</param>
internal readonly struct MatrixTiles(int row)
{
    private readonly int _bits = BitsOf(row);

    /// <summary>Float4s of a line.</summary>
    public int Row { get; } = row;

    /// <summary>Numbers of tasks in some lines.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Tasks(int lines) => lines << _bits;

    /// <summary>The task's line.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Line(int task) => task >> _bits;

    /// <summary>The task's float4 in its line; one that is none is <see cref="Row"/> at least.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Column(int task) => task & ((1 << _bits) - 1);

    private static int BitsOf(int row)
    {
        int bits = 0;
        while (1 << bits < row)
        {
            bits++;
        }

        return bits;
    }
}
