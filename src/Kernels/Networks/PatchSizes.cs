using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of what cuts maps into patches, a type argument each.</summary>
internal readonly struct PatchSizes<TLanes, TMaps, TRows, TColumns, TPatch> : IPatchSizes
    where TLanes : struct, ISize
    where TMaps : struct, ISize
    where TRows : struct, ISize
    where TColumns : struct, ISize
    where TPatch : struct, ISize
{
    /// <inheritdoc/>
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Value;
    }

    /// <inheritdoc/>
    public static int Maps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TMaps.Value;
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
    public static int Patch
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPatch.Value;
    }
}
