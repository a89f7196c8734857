using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>4 floats, 128 bits.</summary>
internal readonly struct FusedLanes128 : IFusedLanes<Vector128<float>>
{
    /// <inheritdoc/>
    public static int Lanes => Vector128<float>.Count;

    /// <inheritdoc/>
    public static Vector128<float> Of(float value) => Vector128.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
        Vector128.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc/>
    public static float Sum(Vector128<float> vector) => Vector128.Sum(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float[] values, int index) => Vector128.LoadUnsafe(ref values[index]);
}
