using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Model.Simd;

/// <summary>The padded image.</summary>
internal static unsafe class InputBorder
{
    /// <summary>Copies an image to the inside of its border: a row is one vector.</summary>
    /// <param name="image">(16, 16).</param>
    /// <param name="padded">(20, 20), its border already -1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Surround(ReadOnlySpan<float> image, float* padded)
    {
        fixed (float* pixels = image)
        {
            for (int row = 0; row < InputSize; row++)
            {
                Vector512.Load(pixels + row * InputSize)
                    .Store(padded + (row + Padding) * PaddedInputSize + Padding);
            }
        }
    }
}
