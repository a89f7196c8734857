using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>How a kernel has a matrix: its rows are the smaller side, its columns the larger one.</summary>
internal readonly struct MatrixForm
{
    private const int Four = 4;

    /// <summary>From a value to that of the next row.</summary>
    public required int RowStride { get; init; }

    /// <summary>From a value to that of the next column.</summary>
    public required int ColumnStride { get; init; }

    /// <summary>Float4s of all values, those included that fill float4s up.</summary>
    public required int Float4s { get; init; }

    /// <summary>Float4s of the room in the device's memory where it is iterated; 0 on the chip.</summary>
    public required int Room { get; init; }

    /// <summary>By columns, which are filled up to float4s and are as many as float4s would take.</summary>
    /// <param name="matrix">The matrix.</param>
    public static MatrixForm ByColumns(WeightMatrix matrix) => new()
    {
        RowStride = 1,
        ColumnStride = Four * Quads(matrix.Smaller),
        Float4s = Four * Quads(matrix.Larger) * Quads(matrix.Smaller),
        Room = checked((int)MatrixKernels.Float4s(Four * Quads(matrix.Larger), Quads(matrix.Smaller))),
    };

    private static int Quads(int count) => (count + Four - 1) / Four;
}
