using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using GpuConvnet.Model.Activations;
using ILGPU.Runtime.Cuda;

namespace GpuConvnet.Kernels.Tensor;

/// <summary>
/// The hyperbolic tangent as 1 - 2 / (1 + exp(2x)), by the exponential and the reciprocal that a CUDA multiprocessor has: five instructions
/// in place of the 23 of <see cref="Tanh"/>, within 1.5e-7 of the exact value. Close to 0 that is more of it than <see cref="Tanh"/>
/// errs by, and less than what the tensor cores' sums do.
/// </summary>
internal readonly struct ExponentialTanh : IActivation
{
    /// <inheritdoc/>
    public static string Name => Tanh.Name;

    /// <inheritdoc/>
    public static bool IsHidden => true;

    /// <inheritdoc/>
    public static bool IsOutput => true;

    /// <inheritdoc/>
    public static bool DerivativeNeedsSum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    /// <inheritdoc/>
    public static double Apply(double sum) => Tanh.Apply(sum);

    /// <inheritdoc/>
    public static double Derivative(double sum) => Tanh.Derivative(sum);

    static string IActivation.Write(IFormulaWriter writer, string sum) => writer.Tanh("", sum);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Apply(float sum)
    {
        const float TwiceLog2OfE = 2.88539008f;

        // Infinity has the reciprocal 0, and what is no number stays none.
        CudaAsm.Emit("ex2.approx.ftz.f32 %0, %1;", out float exponential, sum * TwiceLog2OfE);
        CudaAsm.Emit("rcp.approx.ftz.f32 %0, %1;", out float reciprocal, 1f + exponential);
        return 1f - 2f * reciprocal;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Derivative(float value) => Tanh.Derivative(value);

    /// <inheritdoc/>
    public static Vector512<float> Apply(Vector512<float> sums) => Tanh.Apply(sums);

    /// <inheritdoc/>
    public static Vector512<float> Derivative(Vector512<float> values) => Tanh.Derivative(values);
}
