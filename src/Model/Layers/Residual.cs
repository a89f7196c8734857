using GpuConvnet.Model.Network;


namespace GpuConvnet.Model.Layers;

/// <summary>Layers past which their input goes too (He et al., 2015): output = input + layers(input).</summary>
public sealed class Residual : Layer
{
    /// <summary>Creates a layer.</summary>
    /// <param name="inner">The layers, which give what they take.</param>
    /// <exception cref="LayerException">They give another shape.</exception>
    public Residual(LayerChain inner)
        : base(ShapeOf(inner), ShapeOf(inner))
    {
        Inner = inner;
        LayerException.Require(
            inner.Input.Equals(inner.Output),
            $"what a residual adds to its input has the input's shape: expected {inner.Input}, found {inner.Output}");
    }

    /// <summary>The layers.</summary>
    public LayerChain Inner { get; }

    /// <inheritdoc/>
    public override string Description => FormattableString.Invariant($"residual, layers: {Inner.Layers.Count}");

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [.. Inner.Layers.SelectMany(layer => layer.Parts)];

    /// <inheritdoc/>
    public override long Operations => Inner.Layers.Sum(layer => layer.Operations);

    /// <inheritdoc/>
    public override int Kept => Inner.Memory;

    /// <inheritdoc/>
    public override int Prepared => Inner.Prepared;

    /// <inheritdoc/>
    public override unsafe void Prepare<TWeight>(TWeight* parameters, TWeight* prepared) =>
        Inner.Prepare(parameters, prepared);

    /// <inheritdoc/>
    public override unsafe void Finish<TWeight>(TWeight* preparedGradient, TWeight* gradient) =>
        Inner.Finish(preparedGradient, gradient);

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal* added = Inner.Forward(pass);
        for (int unit = 0; unit < Output.Count; unit++)
        {
            pass.Output[unit] = pass.Input[unit] + added[unit];
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        Inner.Backward(pass);
        for (int unit = 0; pass.InputGradient is not null && unit < Input.Count; unit++)
        {
            pass.InputGradient[unit] += pass.OutputGradient[unit];
        }
    }

    private static TensorShape ShapeOf(LayerChain inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return inner.Input;
    }
}
