namespace GpuConvnet.Model.Layers;

/// <summary>The mean over tokens, (tokens, features) to (features): what a classifier makes of a sequence.</summary>
public sealed class TokenMean : Layer
{
    /// <summary>Creates a layer.</summary>
    /// <param name="input">(tokens, features).</param>
    /// <exception cref="LayerException">It does not fit its input.</exception>
    public TokenMean(TensorShape input)
        : base(input, OutputShape(input))
    {
    }

    /// <inheritdoc/>
    public override string Description => "mean over tokens";

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal share = TReal.Of(TWeight.One / TWeight.CreateTruncating(Input[0]));
        for (int feature = 0; feature < Input[1]; feature++)
        {
            TReal sum = default;
            for (int token = 0; token < Input[0]; token++)
            {
                sum += pass.Input[token * Input[1] + feature];
            }

            pass.Output[feature] = sum * share;
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal share = TReal.Of(TWeight.One / TWeight.CreateTruncating(Input[0]));
        for (int unit = 0; pass.InputGradient is not null && unit < Input.Count; unit++)
        {
            pass.InputGradient[unit] = pass.OutputGradient[unit % Input[1]] * share;
        }
    }

    private static TensorShape OutputShape(TensorShape input)
    {
        ArgumentNullException.ThrowIfNull(input);
        LayerException.Require(
            input.IsTokens, $"a mean over tokens takes (tokens, features), and the layer before gives {input}");
        return new TensorShape(input[1]);
    }
}
