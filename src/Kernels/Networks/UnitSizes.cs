using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a layer that works on each unit by itself, a type argument each.</summary>
internal readonly struct UnitSizes<TLanes, TUnits, TRows, TColumns, TBorder> : IUnitSizes
    where TLanes : struct, ISize
    where TUnits : struct, ISize
    where TRows : struct, ISize
    where TColumns : struct, ISize
    where TBorder : struct, ISize
{
    /// <inheritdoc/>
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Value;
    }

    /// <inheritdoc/>
    public static int Units
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TUnits.Value;
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
    public static int Border
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBorder.Value;
    }
}
