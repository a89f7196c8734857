using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Compilation;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Kernels.Networks;

/// <summary>
/// The launches of self-attention: a dense layer from features to queries, keys and values, <see cref="AttentionKernels"/>,
/// and a dense layer of their output.
/// </summary>
/// <typeparam name="TKeys">Rows of shares: as many tokens as there are keys.</typeparam>
internal sealed class SelfAttentionLauncher<TKeys> : DeviceLayer
    where TKeys : struct, ITokenSizes
{
    private readonly OwnedBuffers _owned = new();
    private readonly Accelerator _accelerator;
    private readonly DeviceLayer _projection;
    private readonly DeviceLayer _mixing;
    private readonly int _features;
    private readonly int _heads;
    private readonly float _scale;
    private readonly Product _scores;
    private readonly Product _mixed;
    private readonly Product _sharesGradient;
    private readonly Product _valuesGradient;
    private readonly Product _queriesGradient;
    private readonly Product _keysGradient;
    private readonly Action<KernelConfig, ArrayView<float>> _softmax;
    private readonly Action<KernelConfig, ArrayView<float>, ArrayView<float>> _backwardSoftmax;
    private Numbers _values;
    private Numbers _gradients;

    /// <summary>Compiles the kernels.</summary>
    /// <param name="loader">The device's.</param>
    /// <param name="projection">The dense layer to queries, keys and values, each (features) of a token.</param>
    /// <param name="mixing">The dense layer of the output.</param>
    /// <param name="features">Features of a token.</param>
    /// <param name="heads">Heads, which share the features.</param>
    public SelfAttentionLauncher(KernelLoader loader, DeviceLayer projection, DeviceLayer mixing, int features, int heads)
    {
        _accelerator = loader.Accelerator;
        _projection = _owned.Add(projection);
        _mixing = _owned.Add(mixing);
        _features = features;
        _heads = heads;
        int width = features / heads;
        _scale = 1f / MathF.Sqrt(width);
        int tokens = TKeys.Tokens;
        HeadMatrix projected = new(tokens, 3 * tokens * features, width, 3 * features, 1);
        HeadMatrix shares = new(tokens, heads * tokens * tokens, tokens * tokens, tokens, 1);
        HeadMatrix output = new(tokens, tokens * features, width, features, 1);
        _scores = Of(width, projected, projected, shares);
        _mixed = Of(tokens, shares, projected.Transposed(width), output);
        _sharesGradient = Of(width, output, projected, shares);
        _valuesGradient = Of(tokens, shares.Transposed(tokens), output.Transposed(width), projected);
        _queriesGradient = Of(tokens, shares, projected.Transposed(width), projected);
        _keysGradient = Of(tokens, shares.Transposed(tokens), projected.Transposed(width), projected);
        loader.Load(KernelKind.AttentionSoftmax, AttentionKernels.Softmax<TKeys>, out _softmax);
        loader.Load(KernelKind.AttentionBackwardSoftmax, AttentionKernels.BackwardSoftmax<TKeys>, out _backwardSoftmax);

        Product Of(int terms, HeadMatrix left, HeadMatrix right, HeadMatrix product) =>
            Product.Create(loader, TKeys.Lanes, heads, terms, left, right, product);
    }

    /// <inheritdoc/>
    public override long FloatsOfExample => 2L * TKeys.Tokens * (4 * _features + _heads * TKeys.Tokens);

    /// <inheritdoc/>
    public override void Allocate(int blocks)
    {
        _values = new Numbers(this, blocks);
        _gradients = new Numbers(this, blocks);
    }

    /// <inheritdoc/>
    public override void Forward(in DevicePass pass)
    {
        _projection.Forward(pass with { Output = _values.Queries });
        _scores.Multiply(pass, _values.Queries, _values.Keys, _scale, _values.Shares);
        _softmax(pass.OverBlocks(_heads * TKeys.Tokens), _values.Shares);
        _mixed.Multiply(pass, _values.Shares, _values.Values, 1f, _values.Mixed);
        _mixing.Forward(pass with { Input = _values.Mixed });
    }

    /// <inheritdoc/>
    public override void Backward(in DevicePass pass)
    {
        _mixing.Backward(pass with { Input = _values.Mixed, InputGradient = _gradients.Mixed });
        _valuesGradient.Multiply(pass, _values.Shares, _gradients.Mixed, 1f, _gradients.Values);
        _sharesGradient.Multiply(pass, _gradients.Mixed, _values.Values, 1f, _gradients.Shares);
        _backwardSoftmax(pass.OverBlocks(_heads * TKeys.Tokens), _values.Shares, _gradients.Shares);
        _queriesGradient.Multiply(pass, _gradients.Shares, _values.Keys, _scale, _gradients.Queries);
        _keysGradient.Multiply(pass, _gradients.Shares, _values.Queries, _scale, _gradients.Keys);
        _projection.Backward(pass with { OutputGradient = _gradients.Queries });
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _owned.Dispose();
    }

    /// <summary>What is between the two dense layers, or the gradient by it.</summary>
    private readonly struct Numbers
    {
        /// <summary>Allocates memory.</summary>
        public Numbers(SelfAttentionLauncher<TKeys> layer, int blocks)
        {
            int features = layer._features * TKeys.Lanes;
            Queries = Allocate(3L * TKeys.Tokens * layer._features);
            Keys = Queries.SubView(features);
            Values = Queries.SubView(2 * features);
            Shares = Allocate((long)layer._heads * TKeys.Tokens * TKeys.Tokens);
            Mixed = Allocate((long)TKeys.Tokens * layer._features);

            ArrayView<float> Allocate(long floats) =>
                layer._owned.Add(layer._accelerator.Allocate1D<float>(blocks * floats * TKeys.Lanes)).View;
        }

        /// <summary>(blocks, tokens, 3 * features, lanes): a token's queries, then its keys, then its values.</summary>
        public ArrayView<float> Queries { get; }

        /// <summary>The same, from the first keys on.</summary>
        public ArrayView<float> Keys { get; }

        /// <summary>The same, from the first values on.</summary>
        public ArrayView<float> Values { get; }

        /// <summary>(blocks, heads, queries, keys, lanes).</summary>
        public ArrayView<float> Shares { get; }

        /// <summary>(blocks, tokens, features, lanes).</summary>
        public ArrayView<float> Mixed { get; }
    }
}
