using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>The sizes of a layer of tokens, a type argument each.</summary>
internal readonly struct TokenSizes<TLanes, TTokens, TFeatures> : ITokenSizes
    where TLanes : struct, ISize
    where TTokens : struct, ISize
    where TFeatures : struct, ISize
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
    public static int Features
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFeatures.Value;
    }
}
