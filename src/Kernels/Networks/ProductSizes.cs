using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of matrix products, a type argument each.</summary>
internal readonly struct ProductSizes<
    TLanes, THeads, TRows, TColumns, TTerms, TLeftBlock, TLeftHead, TLeftRow, TLeftTerm, TRightBlock,
    TRightHead, TRightColumn, TRightTerm, TProductBlock, TProductHead, TProductRow, TProductColumn> : IProductSizes
    where TLanes : struct, ISize
    where THeads : struct, ISize
    where TRows : struct, ISize
    where TColumns : struct, ISize
    where TTerms : struct, ISize
    where TLeftBlock : struct, ISize
    where TLeftHead : struct, ISize
    where TLeftRow : struct, ISize
    where TLeftTerm : struct, ISize
    where TRightBlock : struct, ISize
    where TRightHead : struct, ISize
    where TRightColumn : struct, ISize
    where TRightTerm : struct, ISize
    where TProductBlock : struct, ISize
    where TProductHead : struct, ISize
    where TProductRow : struct, ISize
    where TProductColumn : struct, ISize
{
    /// <inheritdoc/>
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Value;
    }

    /// <inheritdoc/>
    public static int Heads
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => THeads.Value;
    }

    /// <inheritdoc/>
    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRows.Value;
    }

    /// <inheritdoc/>
    public static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TColumns.Value;
    }

    /// <inheritdoc/>
    public static int Terms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTerms.Value;
    }

    /// <inheritdoc/>
    public static int LeftBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLeftBlock.Value;
    }

    /// <inheritdoc/>
    public static int LeftHead
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLeftHead.Value;
    }

    /// <inheritdoc/>
    public static int LeftRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLeftRow.Value;
    }

    /// <inheritdoc/>
    public static int LeftTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLeftTerm.Value;
    }

    /// <inheritdoc/>
    public static int RightBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRightBlock.Value;
    }

    /// <inheritdoc/>
    public static int RightHead
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRightHead.Value;
    }

    /// <inheritdoc/>
    public static int RightColumn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRightColumn.Value;
    }

    /// <inheritdoc/>
    public static int RightTerm
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TRightTerm.Value;
    }

    /// <inheritdoc/>
    public static int ProductBlock
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TProductBlock.Value;
    }

    /// <inheritdoc/>
    public static int ProductHead
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TProductHead.Value;
    }

    /// <inheritdoc/>
    public static int ProductRow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TProductRow.Value;
    }

    /// <inheritdoc/>
    public static int ProductColumn
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TProductColumn.Value;
    }
}
