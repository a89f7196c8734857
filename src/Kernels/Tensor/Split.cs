using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A float as the sum of two that tensor cores read whole, but for the last bit of the second: what makes a product of three of
/// theirs as good as one of float32.
/// </summary>
internal static class Split
{
    private const uint ReadBits = 0xFFFFE000;

    /// <summary>The first part: the 11 bits that tensor cores read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float High(float value) => Interop.IntAsFloat(Interop.FloatAsInt(value) & ReadBits);
}
