using GpuConvnet.Model.Optimizers;

namespace GpuConvnet.Kernels.Matrices;

/// <summary>
/// What a group of threads does for a matrix: it makes all of it nearly orthogonal, which others may do as well, and moves some of its
/// columns, which no other does. Columns are counted along the larger side.
/// </summary>
internal readonly struct MatrixShare
{
    // As many as a product on tensor cores has.
    private const int FewestColumns = 8;

    /// <summary>The matrix.</summary>
    public required WeightMatrix Matrix { get; init; }

    /// <summary>How the kernel has it.</summary>
    public required MatrixForm Form { get; init; }

    /// <summary>Where its directions begin, in float4s.</summary>
    public required int Directions { get; init; }

    /// <summary>Where its room begins, in float4s.</summary>
    public required int Room { get; init; }

    /// <summary>The first column to be moved.</summary>
    public required int First { get; init; }

    /// <summary>Behind the last one.</summary>
    public required int End { get; init; }

    /// <summary>Shares all matrices out.</summary>
    /// <param name="matrices">The matrices.</param>
    /// <param name="form">How the kernel has them.</param>
    /// <param name="groups">How many groups there should be at most; each matrix has one at least.</param>
    public static MatrixShare[] Of(IReadOnlyList<WeightMatrix> matrices, Func<WeightMatrix, MatrixForm> form, int groups)
    {
        int columns = FewestColumns;
        while (matrices.Sum(matrix => Shares(matrix, columns)) > Math.Max(groups, matrices.Count))
        {
            columns += FewestColumns;
        }

        List<MatrixShare> shares = [];
        int directions = 0;
        int room = 0;
        foreach (WeightMatrix matrix in matrices)
        {
            for (int first = 0; first < matrix.Larger; first += columns)
            {
                shares.Add(new MatrixShare
                {
                    Matrix = matrix,
                    Form = form(matrix),
                    Directions = directions,
                    Room = room,
                    First = first,
                    End = Math.Min(first + columns, matrix.Larger),
                });
                room = checked(room + shares[^1].Form.Room);
            }

            directions += shares[^1].Form.Float4s;
        }

        return [.. shares];
    }

    /// <summary>Where parameters have their directions.</summary>
    /// <param name="shares">The shares of all matrices.</param>
    /// <param name="parameters">How many parameters there are.</param>
    /// <returns>Of each the place among the directions' floats; -1 for those of no matrix.</returns>
    public static int[] Cells(IReadOnlyList<MatrixShare> shares, int parameters)
    {
        int[] cells = new int[parameters];
        Array.Fill(cells, -1);
        foreach (MatrixShare share in shares)
        {
            WeightMatrix matrix = share.Matrix;
            for (int column = share.First; column < share.End; column++)
            {
                for (int row = 0; row < matrix.Smaller; row++)
                {
                    cells[matrix.Offset + column * matrix.LargerStride + row * matrix.SmallerStride] =
                        4 * share.Directions + row * share.Form.RowStride + column * share.Form.ColumnStride;
                }
            }
        }

        return cells;
    }

    private static int Shares(in WeightMatrix matrix, int columns) => (matrix.Larger + columns - 1) / columns;
}
