using System.Runtime.CompilerServices;

namespace GpuConvnet.Kernels.Layers;

/// <summary>(256, stride): one row per pixel, for kernels whose neighbouring threads have neighbouring examples.</summary>
internal readonly struct ImagesByPixel : IImageLayout
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(int example, int pixel, int stride) => pixel * stride + example;
}
