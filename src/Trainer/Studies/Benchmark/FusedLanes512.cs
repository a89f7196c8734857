using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuConvnet.Trainer.Studies.Benchmark;

/// <summary>16 floats, 512 bits.</summary>
internal readonly struct FusedLanes512 : IFusedLanes<Vector512<float>>
{
    /// <inheritdoc/>
    public static int Lanes => Vector512<float>.Count;

    /// <inheritdoc/>
    public static Vector512<float> Of(float value) => Vector512.Create(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);

    /// <inheritdoc/>
    public static float Sum(Vector512<float> vector) => Vector512.Sum(vector);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float[] values, int index) => Vector512.LoadUnsafe(ref values[index]);
}
