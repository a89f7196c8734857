using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Networks;

/// <summary>0.</summary>
internal readonly struct Zero : ISize
{
    /// <inheritdoc/>
    public static int Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }
}
