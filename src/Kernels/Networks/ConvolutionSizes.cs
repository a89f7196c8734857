using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a convolution, a type argument each.</summary>
internal readonly struct ConvolutionSizes<
    TLanes, TInputMaps, TInputRows, TInputColumns, TInputBorder, TMaps, TRows, TColumns, TOutputBorder,
    TSources, TKernel, TStride, TPadding, TBiases, TTileMaps, TTileInputs> : IConvolutionSizes
    where TLanes : struct, ISize
    where TInputMaps : struct, ISize
    where TInputRows : struct, ISize
    where TInputColumns : struct, ISize
    where TInputBorder : struct, ISize
    where TMaps : struct, ISize
    where TRows : struct, ISize
    where TColumns : struct, ISize
    where TOutputBorder : struct, ISize
    where TSources : struct, ISize
    where TKernel : struct, ISize
    where TStride : struct, ISize
    where TPadding : struct, ISize
    where TBiases : struct, ISize
    where TTileMaps : struct, ISize
    where TTileInputs : struct, ISize
{
    /// <inheritdoc/>
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Value;
    }

    /// <inheritdoc/>
    public static int InputMaps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TInputMaps.Value;
    }

    /// <inheritdoc/>
    public static int InputRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TInputRows.Value;
    }

    /// <inheritdoc/>
    public static int InputColumns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TInputColumns.Value;
    }

    /// <inheritdoc/>
    public static int InputBorder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TInputBorder.Value;
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
    public static int OutputBorder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TOutputBorder.Value;
    }

    /// <inheritdoc/>
    public static int Sources
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TSources.Value;
    }

    /// <inheritdoc/>
    public static int Kernel
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TKernel.Value;
    }

    /// <inheritdoc/>
    public static int Stride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TStride.Value;
    }

    /// <inheritdoc/>
    public static int Padding
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPadding.Value;
    }

    /// <inheritdoc/>
    public static int Biases
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBiases.Value;
    }

    /// <inheritdoc/>
    public static int TileMaps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTileMaps.Value;
    }

    /// <inheritdoc/>
    public static int TileInputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTileInputs.Value;
    }
}
