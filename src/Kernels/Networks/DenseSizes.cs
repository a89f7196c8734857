using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a dense layer, a type argument each.</summary>
internal readonly struct DenseSizes<TLanes, TTokens, TInputs, TUnits, TInputStep, TUnitStep> : IDenseSizes
    where TLanes : struct, ISize
    where TTokens : struct, ISize
    where TInputs : struct, ISize
    where TUnits : struct, ISize
    where TInputStep : struct, ISize
    where TUnitStep : struct, ISize
{
    /// <inheritdoc/>
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Value;
    }

    /// <inheritdoc/>
    public static int Tokens
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTokens.Value;
    }

    /// <inheritdoc/>
    public static int Inputs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TInputs.Value;
    }

    /// <inheritdoc/>
    public static int Units
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TUnits.Value;
    }

    /// <inheritdoc/>
    public static int InputStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TInputStep.Value;
    }

    /// <inheritdoc/>
    public static int UnitStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TUnitStep.Value;
    }
}
