using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>Writes one example's gradient over a packed vector, every lane of it.</summary>
/// <param name="target">The packed vector.</param>
internal readonly unsafe struct SetTo(float* target) : IGradientSink
{
    private readonly float* _target = target;

    /// <inheritdoc/>
    public float DeltaScale => 1f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(int offset, Wide gradient) => gradient.StoreAligned(_target + offset);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApplyProduct(int offset, Wide activation, Wide delta) =>
        (activation * delta).StoreAligned(_target + offset);
}
