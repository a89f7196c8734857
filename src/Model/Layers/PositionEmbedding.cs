using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Layers;

/// <summary>A learned value for each unit: output[token][feature] = input[token][feature] + position[token][feature].</summary>
public sealed class PositionEmbedding : Layer
{
    private readonly ParameterPart _positions;

    /// <summary>Creates a layer.</summary>
    /// <param name="parts">Takes its parameters, which begin with 0.</param>
    /// <param name="name">What files call them.</param>
    /// <param name="input">(tokens, features).</param>
    /// <exception cref="LayerException">It does not fit its input.</exception>
    public PositionEmbedding(PartList parts, string name, TensorShape input)
        : base(input, input)
    {
        ArgumentNullException.ThrowIfNull(parts);
        LayerException.Require(
            input.IsTokens, $"a position embedding takes (tokens, features), and the layer before gives {input}");
        _positions = parts.Add(name, PartRule.Zeros, inputs: 0, input[0], input[1]);
    }

    /// <inheritdoc/>
    public override string Description => "a learned value per token and feature";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [_positions];

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int unit = 0; unit < Input.Count; unit++)
        {
            pass.Output[unit] = pass.Input[unit] + TReal.Of(pass.Parameters + _positions.Offset + unit);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        LayerSums.Add<TReal, TWeight>(pass.OutputGradient, Output.Count, pass.Gradient + _positions.Offset);
        for (int unit = 0; pass.InputGradient is not null && unit < Input.Count; unit++)
        {
            pass.InputGradient[unit] = pass.OutputGradient[unit];
        }
    }
}
