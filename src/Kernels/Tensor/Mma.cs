using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// A warp's products of matrices on tensor cores, <c>mma.sync</c> of PTX, from compute capability 8.0: of TF32 and, twice as deep in the
/// same time, of pairs of BF16.
/// </summary>
/// <remarks>
/// Of lane l, with row g = l / 4 and column t = l % 4 (PTX ISA, "Matrix Fragments for mma.m16n8k8"): a0 is A[g, t], a1 A[g + 8, t],
/// a2 A[g, t + 4], a3 A[g + 8, t + 4]; b0 is B[t, g], b1 B[t + 4, g]; c0 and c1 are C[g, 2t] and C[g, 2t + 1], c2 and c3
/// C[g + 8, 2t] and C[g + 8, 2t + 1]. Of pairs each register holds two columns of A or rows of B in the place of one.
/// </remarks>
internal static class Mma
{
    /// <summary>
    /// C += A * B, of whose elements the tensor cores read the 19 upper bits: TF32's sign, 8 bits of exponent and 10 of fraction.
    /// All lanes of the warp come here together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        ref float c0, ref float c1, ref float c2, ref float c3, float a0, float a1, float a2, float a3, float b0, float b1)
    {
        // The assembler takes A and B in registers of .b32 alone, C in those of .f32.
        Ref<float> sum0 = c0, sum1 = c1, sum2 = c2, sum3 = c3;
        Input<uint> left0 = Interop.FloatAsInt(a0), left1 = Interop.FloatAsInt(a1);
        Input<uint> left2 = Interop.FloatAsInt(a2), left3 = Interop.FloatAsInt(a3);
        Input<uint> right0 = Interop.FloatAsInt(b0), right1 = Interop.FloatAsInt(b1);
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref sum0, ref sum1, ref sum2, ref sum3, ref left0, ref left1, ref left2, ref left3, ref right0, ref right1);
        c0 = sum0.Value;
        c1 = sum1.Value;
        c2 = sum2.Value;
        c3 = sum3.Value;
    }

    /// <summary>
    /// C += A * B, whose columns and rows are two each, as <see cref="Split.Pair"/> has them. All lanes of the warp come here together.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddPairs(
        ref float c0, ref float c1, ref float c2, ref float c3, uint a0, uint a1, uint a2, uint a3, uint b0, uint b1)
    {
        Ref<float> sum0 = c0, sum1 = c1, sum2 = c2, sum3 = c3;
        Input<uint> left0 = a0, left1 = a1, left2 = a2, left3 = a3;
        Input<uint> right0 = b0, right1 = b1;
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};",
            ref sum0, ref sum1, ref sum2, ref sum3, ref left0, ref left1, ref left2, ref left3, ref right0, ref right1);
        c0 = sum0.Value;
        c1 = sum1.Value;
        c2 = sum2.Value;
        c3 = sum3.Value;
    }
}
