using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>8 floats, 256 bits.</summary>
internal readonly struct FusedLanes256 : IFusedLanes<Vector256<float>>
{
    /// <inheritdoc/>
    public static int Lanes => Vector256<float>.Count;

    /// <inheritdoc/>
    public static Vector256<float> Of(float value) => Vector256.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc/>
    public static float Sum(Vector256<float> vector) => Vector256.Sum(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float[] values, int index) => Vector256.LoadUnsafe(ref values[index]);
}
