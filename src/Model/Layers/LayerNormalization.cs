using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Layer normalization (Ba, Kiros and Hinton, 2016), as PyTorch's <c>LayerNorm</c> over the last side: of each token
/// <code>
/// normal = (input - mean) / sqrt(variance + 1e-5), output[feature] = normal[feature] * weight[feature] + bias[feature]
/// </code>
/// </summary>
public sealed class LayerNormalization : Layer
{
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;

    /// <summary>Creates a layer.</summary>
    /// <param name="parts">Takes its parameters: weights begin with 1, biases with 0.</param>
    /// <param name="name">What files call it: its parameters are <c>name.weight</c> and <c>name.bias</c>.</param>
    /// <param name="input">(tokens, features).</param>
    /// <exception cref="LayerException">It does not fit its input.</exception>
    public LayerNormalization(PartList parts, string name, TensorShape input)
        : base(input, input)
    {
        ArgumentNullException.ThrowIfNull(parts);
        LayerException.Require(
            input.IsTokens, $"layer normalization takes (tokens, features), and the layer before gives {input}");
        _weights = parts.Add($"{name}.weight", PartRule.Ones, inputs: 0, input[1]);
        _biases = parts.Add($"{name}.bias", PartRule.Zeros, inputs: 0, input[1]);
    }

    /// <summary>What is added to the variance: PyTorch's.</summary>
    public const float Epsilon = 1e-5f;

    /// <inheritdoc/>
    public override string Description => "layer normalization";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [_weights, _biases];

    /// <summary>The normal values, then a token's 1/deviation.</summary>
    /// <inheritdoc/>
    public override int Kept => Input.Count + Input[0];

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        int features = Input[1];
        TReal share = TReal.Of(TWeight.One / TWeight.CreateTruncating(features));
        TReal epsilon = TReal.Of(TWeight.CreateTruncating(Epsilon));
        TReal one = TReal.Of(TWeight.One);
        for (int token = 0; token < Input[0]; token++)
        {
            TReal* input = pass.Input + token * features;
            TReal* normal = pass.Kept + token * features;
            TReal* output = pass.Output + token * features;
            TReal sum = default;
            for (int feature = 0; feature < features; feature++)
            {
                sum += input[feature];
            }

            TReal mean = sum * share;
            TReal squares = default;
            for (int feature = 0; feature < features; feature++)
            {
                TReal distance = input[feature] - mean;
                TReal.AddProduct(ref squares, distance, distance);
            }

            TReal scale = one / TReal.Sqrt(squares * share + epsilon);
            pass.Kept[Input.Count + token] = scale;
            for (int feature = 0; feature < features; feature++)
            {
                normal[feature] = (input[feature] - mean) * scale;
                TReal value = TReal.Of(pass.Parameters + _biases.Offset + feature);
                TReal.AddProduct(ref value, normal[feature], TReal.Of(pass.Parameters + _weights.Offset + feature));
                output[feature] = value;
            }
        }
    }

    /// <summary>
    /// With g = delta * weight: the input's gradient is (g - mean(g) - normal * mean(g * normal)) / deviation.
    /// </summary>
    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        int features = Input[1];
        TReal share = TReal.Of(TWeight.One / TWeight.CreateTruncating(features));
        for (int feature = 0; feature < features; feature++)
        {
            TReal weight = default;
            TReal bias = default;
            for (int token = 0; token < Input[0]; token++)
            {
                TReal delta = pass.OutputGradient[token * features + feature];
                TReal.AddProduct(ref weight, delta, pass.Kept[token * features + feature]);
                bias += delta;
            }

            pass.Gradient[_weights.Offset + feature] += TReal.Sum(weight);
            pass.Gradient[_biases.Offset + feature] += TReal.Sum(bias);
        }

        for (int token = 0; pass.InputGradient is not null && token < Input[0]; token++)
        {
            TReal* normal = pass.Kept + token * features;
            TReal* deltas = pass.OutputGradient + token * features;
            TReal* gradient = pass.InputGradient + token * features;
            TReal sum = default;
            TReal along = default;
            for (int feature = 0; feature < features; feature++)
            {
                gradient[feature] = deltas[feature] * TReal.Of(pass.Parameters + _weights.Offset + feature);
                sum += gradient[feature];
                TReal.AddProduct(ref along, gradient[feature], normal[feature]);
            }

            TReal mean = sum * share;
            along *= share;
            TReal scale = pass.Kept[Input.Count + token];
            for (int feature = 0; feature < features; feature++)
            {
                gradient[feature] = (gradient[feature] - mean - normal[feature] * along) * scale;
            }
        }
    }
}
