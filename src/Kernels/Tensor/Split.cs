using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A float as the sum of two, of which tensor cores read the first whole. A product of floats is that of the first parts and, a thousand
/// times smaller, of each one's first part and the other's rest, for which eight bits of both will do.
/// </summary>
internal static class Split
{
    private const uint ReadBits = 0xFFFFE000;

    /// <summary>The first part: the 11 bits that tensor cores read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float High(float value) => Interop.IntAsFloat(Interop.FloatAsInt(value) & ReadBits);

    /// <summary>Two floats as BF16, rounded to the nearest.</summary>
    /// <param name="upper">Becomes the upper half: the odd column of A, or row of B.</param>
    /// <param name="lower">Becomes the lower half.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Pair(float upper, float lower)
    {
        CudaAsm.Emit("cvt.rn.bf16x2.f32 %0, %1, %2;", out uint pair, upper, lower);
        return pair;
    }
}
