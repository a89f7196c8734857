namespace GpuConvnet.Kernels.Networks;

/// <summary>A matrix for each head of each example, and how it lies in memory.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Block">From an example's matrices to the next example's.</param>
/// <param name="Head">From a head's matrix to the next head's.</param>
/// <param name="Row">From a row to the next.</param>
/// <param name="Column">From a column to the next.</param>
internal readonly record struct HeadMatrix(int Rows, int Block, int Head, int Row, int Column)
{
    /// <summary>The same memory, with rows for columns.</summary>
    /// <param name="columns">The columns that there are.</param>
    public HeadMatrix Transposed(int columns) => this with { Rows = columns, Row = Column, Column = Row };
}
