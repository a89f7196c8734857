using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>Which units have which bias, a type argument each.</summary>
internal readonly struct BiasSizes<TLanes, TBiases, TTerms, TBiasStep, TTermStep> : IBiasSizes
    where TLanes : struct, ISize
    where TBiases : struct, ISize
    where TTerms : struct, ISize
    where TBiasStep : struct, ISize
    where TTermStep : struct, ISize
{
    /// <inheritdoc/>
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TLanes.Value;
    }

    /// <inheritdoc/>
    public static int Biases
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBiases.Value;
    }

    /// <inheritdoc/>
    public static int Terms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTerms.Value;
    }

    /// <inheritdoc/>
    public static int BiasStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TBiasStep.Value;
    }

    /// <inheritdoc/>
    public static int TermStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TTermStep.Value;
    }
}
