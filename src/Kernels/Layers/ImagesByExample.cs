using System.Runtime.CompilerServices;
using GpuConvnet.Model;

namespace GpuConvnet.Kernels.Layers;

/// <summary>(stride, 256): image after image, for kernels that take whole images onto the chip.</summary>
internal readonly struct ImagesByExample : IImageLayout
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Place(int example, int pixel, int stride) => example * Shape1989.InputUnits + pixel;
}
