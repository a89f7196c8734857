using Wide = System.Runtime.Intrinsics.Vector512<float>;

namespace GpuConvnet.Model.Simd;

/// <summary>
/// What happens to the gradient of sixteen parameters the moment the backward pass has formed it: added to the
/// parameters, or to a sum. A generic struct, so that each use is compiled into the backward pass itself.
/// </summary>
internal interface IGradientSink
{
    /// <summary>
    /// What the outputs' deltas are multiplied with at the start of the backward pass. It is linear, so that a factor
    /// that every gradient needs (plain SGD's -learningRate, a mean's 1/count) costs one multiplication there, not
    /// 9,760 here.
    /// </summary>
    float DeltaScale { get; }

    /// <summary>Takes the scaled gradient of sixteen parameters.</summary>
    /// <param name="offset">Their place in <see cref="SimdLayout"/>.</param>
    /// <param name="gradient">Their gradient.</param>
    void Apply(int offset, Wide gradient);

    /// <summary>Takes the scaled gradient of sixteen weights as the product of its two factors.</summary>
    /// <param name="offset">Their place in <see cref="SimdLayout"/>.</param>
    /// <param name="activation">What the weights were multiplied with.</param>
    /// <param name="delta">The deltas of the units they feed.</param>
    void ApplyProduct(int offset, Wide activation, Wide delta);
}
