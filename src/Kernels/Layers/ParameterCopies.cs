using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Layers;

/// <summary>Where a parameter is among the values of the fused kernels' float4s.</summary>
internal readonly struct ParameterCopies
{
    /// <summary>Nowhere.</summary>
    public static ParameterCopies None
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new() { First = -1, Second = -1 };
    }

    /// <summary>Where, or -1.</summary>
    public int First { get; init; }

    /// <summary>Where once more, or -1.</summary>
    public int Second { get; init; }
}
