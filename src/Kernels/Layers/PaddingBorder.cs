using System.Runtime.CompilerServices;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Layers;

/// <summary>The border of images and maps.</summary>
internal readonly struct PaddingBorder : IBorder
{
    /// <inheritdoc/>
    public static float Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Shape1989.PaddingValue;
    }
}
