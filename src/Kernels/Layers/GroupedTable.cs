namespace GpuConvnet.Kernels.Layers;

/// <summary>(groups, H2Sources): the article's table, and every other whose groups of four maps read the same.</summary>
internal readonly struct GroupedTable : ISourceTable
{
    /// <inheritdoc/>
    public static bool IsGrouped => true;
}
