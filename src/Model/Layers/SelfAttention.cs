using System.Numerics;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Multi-head self-attention (Vaswani et al., 2017), as PyTorch's <c>MultiheadAttention</c>: of each head, whose features are
/// an equal share of the token's,
/// <code>
/// queries, keys, values = three dense layers of the input
/// shares[t][s] = softmax over s of queries[t] · keys[s] / sqrt(features of the head)
/// mixed[t] = the sum over s of shares[t][s] * values[s]
/// output = a dense layer of all heads' mixed
/// </code>
/// </summary>
public sealed class SelfAttention : Layer
{
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly ParameterPart _outputWeights;
    private readonly ParameterPart _outputBiases;
    private readonly int _tokens;
    private readonly int _features;
    private readonly int _width;

    /// <summary>Creates a layer.</summary>
    /// <param name="parts">Takes its parameters.</param>
    /// <param name="name">
    /// What files call it: its parameters are <c>name.in_proj_weight</c>, <c>name.in_proj_bias</c>,
    /// <c>name.out_proj.weight</c> and <c>name.out_proj.bias</c>.
    /// </param>
    /// <param name="input">(tokens, features).</param>
    /// <param name="heads">Heads, of which the features are a multiple.</param>
    /// <exception cref="LayerException">It does not fit its input.</exception>
    public SelfAttention(PartList parts, string name, TensorShape input, int heads)
        : base(input, input)
    {
        ArgumentNullException.ThrowIfNull(parts);
        LayerException.Require(
            input.IsTokens, $"self-attention takes (tokens, features), and the layer before gives {input}");
        LayerException.Require(
            heads >= 1 && input[1] % heads == 0, $"expected heads that divide the {input[1]} features, found {heads}");
        Heads = heads;
        _tokens = input[0];
        _features = input[1];
        _width = _features / heads;
        _weights = parts.Add($"{name}.in_proj_weight", PartRule.Weights, _features, 3 * _features, _features);
        _biases = parts.Add($"{name}.in_proj_bias", PartRule.Zeros, inputs: 0, 3 * _features);
        _outputWeights = parts.Add($"{name}.out_proj.weight", PartRule.Weights, _features, _features, _features);
        _outputBiases = parts.Add($"{name}.out_proj.bias", PartRule.Zeros, inputs: 0, _features);
    }

    /// <summary>How many heads share the features.</summary>
    public int Heads { get; }

    /// <inheritdoc/>
    public override string Description => FormattableString.Invariant($"self-attention, heads: {Heads}");

    /// <summary>(3 features, features), (3 features), (features, features), (features).</summary>
    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [_weights, _biases, _outputWeights, _outputBiases];

    /// <inheritdoc/>
    public override long Operations =>
        4L * _tokens * _features * _features + 2L * _tokens * _tokens * _features;

    private int Projected => 3 * _tokens * _features;

    private int Shares => Heads * _tokens * _tokens;

    /// <summary>Queries, keys and values; shares; what is mixed; then the gradients of all of them.</summary>
    /// <inheritdoc/>
    public override int Kept => 2 * (Projected + Shares + _tokens * _features);

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal* projected = pass.Kept;
        TReal* shares = projected + Projected;
        TReal* mixed = shares + Shares;
        for (int token = 0; token < _tokens; token++)
        {
            Dense.Forward(
                pass.Input + token * _features, _features, projected + token * 3 * _features, 3 * _features,
                pass.Parameters + _weights.Offset, pass.Parameters + _biases.Offset);
        }

        for (int head = 0; head < Heads; head++)
        {
            TReal* queries = projected + head * _width;
            TReal* keys = queries + _features;
            TReal* values = keys + _features;
            for (int token = 0; token < _tokens; token++)
            {
                TReal* row = shares + (head * _tokens + token) * _tokens;
                Scores<TReal, TWeight>(queries + token * 3 * _features, keys, row);
                TReal* sums = mixed + token * _features + head * _width;
                for (int feature = 0; feature < _width; feature++)
                {
                    TReal sum = default;
                    for (int source = 0; source < _tokens; source++)
                    {
                        TReal.AddProduct(ref sum, row[source], values[source * 3 * _features + feature]);
                    }

                    sums[feature] = sum;
                }
            }
        }

        for (int token = 0; token < _tokens; token++)
        {
            Dense.Forward(
                mixed + token * _features, _features, pass.Output + token * _features, _features,
                pass.Parameters + _outputWeights.Offset, pass.Parameters + _outputBiases.Offset);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TReal* projected = pass.Kept;
        TReal* shares = projected + Projected;
        TReal* mixed = shares + Shares;
        TReal* projectedGradient = mixed + _tokens * _features;
        TReal* sharesGradient = projectedGradient + Projected;
        TReal* mixedGradient = sharesGradient + Shares;
        for (int token = 0; token < _tokens; token++)
        {
            Dense.Backward(
                mixed + token * _features, _features, pass.OutputGradient + token * _features, _features,
                pass.Parameters + _outputWeights.Offset, pass.Gradient + _outputWeights.Offset,
                pass.Gradient + _outputBiases.Offset, mixedGradient + token * _features);
        }

        new Span<TReal>(projectedGradient, Projected).Clear();
        for (int head = 0; head < Heads; head++)
        {
            for (int token = 0; token < _tokens; token++)
            {
                int row = (head * _tokens + token) * _tokens;
                BackwardToken<TReal, TWeight>(
                    head, token, projected, shares + row, mixedGradient, projectedGradient, sharesGradient + row);
            }
        }

        for (int token = 0; token < _tokens; token++)
        {
            Dense.Backward(
                pass.Input + token * _features, _features, projectedGradient + token * 3 * _features, 3 * _features,
                pass.Parameters + _weights.Offset, pass.Gradient + _weights.Offset, pass.Gradient + _biases.Offset,
                pass.InputGradient is null ? null : pass.InputGradient + token * _features);
        }
    }

    /// <summary>A token's shares: the softmax of its query's products with all keys.</summary>
    private unsafe void Scores<TReal, TWeight>(TReal* query, TReal* keys, TReal* row)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        TReal scale = Scale<TReal, TWeight>();
        TReal largest = default;
        for (int source = 0; source < _tokens; source++)
        {
            TReal product = default;
            for (int feature = 0; feature < _width; feature++)
            {
                TReal.AddProduct(ref product, query[feature], keys[source * 3 * _features + feature]);
            }

            row[source] = product * scale;
            largest = source == 0 ? row[0] : TReal.Max(largest, row[source]);
        }

        TReal total = default;
        for (int source = 0; source < _tokens; source++)
        {
            row[source] = TReal.Exp(row[source] - largest);
            total += row[source];
        }

        for (int source = 0; source < _tokens; source++)
        {
            row[source] = row[source] / total;
        }
    }

    /// <summary>From the gradient of a token's mixed values to those of its query, of all keys and of all values.</summary>
    private unsafe void BackwardToken<TReal, TWeight>(
        int head, int token, TReal* projected, TReal* shares, TReal* mixedGradient, TReal* projectedGradient,
        TReal* sharesGradient)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int step = 3 * _features;
        TReal* query = projected + head * _width + token * step;
        TReal* keys = projected + head * _width + _features;
        TReal* values = keys + _features;
        TReal* queryGradient = projectedGradient + head * _width + token * step;
        TReal* keysGradient = projectedGradient + head * _width + _features;
        TReal* valuesGradient = keysGradient + _features;
        TReal* deltas = mixedGradient + token * _features + head * _width;
        TReal along = default;
        for (int source = 0; source < _tokens; source++)
        {
            TReal sum = default;
            for (int feature = 0; feature < _width; feature++)
            {
                TReal.AddProduct(ref sum, deltas[feature], values[source * step + feature]);
                TReal.AddProduct(ref valuesGradient[source * step + feature], deltas[feature], shares[source]);
            }

            sharesGradient[source] = sum;
            TReal.AddProduct(ref along, sum, shares[source]);
        }

        TReal scale = Scale<TReal, TWeight>();
        for (int source = 0; source < _tokens; source++)
        {
            TReal score = shares[source] * (sharesGradient[source] - along) * scale;
            for (int feature = 0; feature < _width; feature++)
            {
                TReal.AddProduct(ref queryGradient[feature], score, keys[source * step + feature]);
                TReal.AddProduct(ref keysGradient[source * step + feature], score, query[feature]);
            }
        }
    }

    private TReal Scale<TReal, TWeight>()
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> =>
        TReal.Of(TWeight.One / TWeight.Sqrt(TWeight.CreateTruncating(_width)));
}
