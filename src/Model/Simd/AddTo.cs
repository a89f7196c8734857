using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// Adds each scaled gradient to a packed vector. To the parameters themselves, with -learningRate as the scale, it is
/// plain SGD; to a vector of its own, with 1/count, it is the gradient of the mean loss.
/// </summary>
/// <param name="target">The packed vector.</param>
/// <param name="deltaScale">The factor of every gradient.</param>
internal readonly unsafe struct AddTo(float* target, float deltaScale) : IGradientSink
{
    private readonly float* _target = target;

    /// <inheritdoc/>
    public float DeltaScale { get; } = deltaScale;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(int offset, Wide gradient)
    {
        float* place = _target + offset;
        (Vector512.Load(place) + gradient).Store(place);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ApplyProduct(int offset, Wide activation, Wide delta)
    {
        float* place = _target + offset;
        Vector512.MultiplyAddEstimate(activation, delta, Vector512.Load(place)).Store(place);
    }
}
