using System.Numerics;
using System.Runtime.CompilerServices;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;

namespace GpuConvnet.Model.Layers;

/// <summary>
/// Units that read every input, (inputs) to (units): output[u] = bias[u] + the sum over i of weight * input[i]. Of
/// (tokens, features) it reads each token's features by themselves, as PyTorch's <c>Linear</c> does; maps it reads as one.
/// </summary>
/// <remarks>The weights are (units, inputs), as PyTorch has them, or (inputs, units), as the article has them.</remarks>
public sealed class Dense : Layer
{
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly int _inputs;
    private readonly int _units;
    private readonly int _tokens;
    private readonly bool _inputsFirst;

    /// <summary>Creates a layer.</summary>
    /// <param name="parts">Takes its parameters.</param>
    /// <param name="weights">What files call its weights.</param>
    /// <param name="biases">What files call its biases.</param>
    /// <param name="input">Any shape.</param>
    /// <param name="units">How many units it has.</param>
    /// <param name="inputsFirst">Whether the weights are (inputs, units), as in the article.</param>
    /// <exception cref="LayerException">It has no units.</exception>
    public Dense(PartList parts, string weights, string biases, TensorShape input, int units, bool inputsFirst = false)
        : base(input, OutputShape(input, units))
    {
        ArgumentNullException.ThrowIfNull(parts);
        _tokens = input.IsTokens ? input[0] : 1;
        _inputs = input.Count / _tokens;
        _units = units;
        _inputsFirst = inputsFirst;
        _weights = inputsFirst
            ? parts.Add(weights, PartRule.Weights, _inputs, _inputs, units)
            : parts.Add(weights, PartRule.Weights, _inputs, units, _inputs);
        _biases = parts.Add(biases, PartRule.Biases, _inputs, units);
    }

    /// <inheritdoc/>
    public override string Description =>
        Input.IsTokens ? "dense, each token by itself" : "dense";

    /// <inheritdoc/>
    public override IReadOnlyList<ParameterPart> Parts => [_weights, _biases];

    /// <summary>Whether the weights are (inputs, units), not (units, inputs).</summary>
    public bool InputsFirst => _inputsFirst;

    /// <inheritdoc/>
    public override long Operations => (long)_tokens * _inputs * _units;

    /// <inheritdoc/>
    public override unsafe void Forward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        for (int token = 0; token < _tokens; token++)
        {
            Products(
                pass.Input + token * _inputs, _inputs, pass.Output + token * _units, _units,
                pass.Parameters + _weights.Offset, _inputsFirst ? _units : 1, _inputsFirst ? 1 : _inputs,
                pass.Parameters + _biases.Offset);
        }
    }

    /// <inheritdoc/>
    public override unsafe void Backward<TReal, TWeight>(in LayerPass<TReal, TWeight> pass)
    {
        TWeight* gradient = pass.Gradient + _weights.Offset;
        for (int token = 0; token < _tokens; token++)
        {
            TReal* input = pass.Input + token * _inputs;
            TReal* deltas = pass.OutputGradient + token * _units;
            LayerSums.Add<TReal, TWeight>(deltas, _units, pass.Gradient + _biases.Offset);

            if (_inputsFirst)
            {
                TReal.AddProducts(input, _inputs, deltas, _units, gradient);
            }
            else
            {
                TReal.AddProducts(deltas, _units, input, _inputs, gradient);
            }

            if (pass.InputGradient is not null)
            {
                Products<TReal, TWeight>(
                    deltas, _units, pass.InputGradient + token * _inputs, _inputs,
                    pass.Parameters + _weights.Offset, _inputsFirst ? 1 : _inputs, _inputsFirst ? _units : 1, null);
            }
        }
    }

    /// <summary>A dense layer inside of another, whose weights are (units, inputs).</summary>
    /// <param name="input">(inputs).</param>
    /// <param name="inputs">How many.</param>
    /// <param name="output">(units).</param>
    /// <param name="units">How many.</param>
    /// <param name="weights">(units, inputs).</param>
    /// <param name="biases">(units).</param>
    internal static unsafe void Forward<TReal, TWeight>(
        TReal* input, int inputs, TReal* output, int units, TWeight* weights, TWeight* biases)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight> =>
        Products(input, inputs, output, units, weights, 1, inputs, biases);

    /// <summary>The way back of a dense layer inside of another.</summary>
    /// <param name="input">(inputs).</param>
    /// <param name="inputs">How many.</param>
    /// <param name="deltas">(units), the output's gradient.</param>
    /// <param name="units">How many.</param>
    /// <param name="weights">(units, inputs).</param>
    /// <param name="weightGradient">(units, inputs), added to.</param>
    /// <param name="biasGradient">(units), added to.</param>
    /// <param name="inputGradient">(inputs), overwritten; null if nobody asks for it.</param>
    internal static unsafe void Backward<TReal, TWeight>(
        TReal* input, int inputs, TReal* deltas, int units, TWeight* weights, TWeight* weightGradient,
        TWeight* biasGradient, TReal* inputGradient)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        LayerSums.Add<TReal, TWeight>(deltas, units, biasGradient);
        TReal.AddProducts(deltas, units, input, inputs, weightGradient);
        if (inputGradient is not null)
        {
            Products<TReal, TWeight>(deltas, units, inputGradient, inputs, weights, inputs, 1, null);
        }
    }

    /// <summary>sums[u] = bias[u] + the sum over i of weight[i, u] * values[i], eight or four sums at a time.</summary>
    /// <remarks>Where they are no multiple of that, the last ones are computed twice: a tile costs as much as a single sum.</remarks>
    /// <param name="values">What is read.</param>
    /// <param name="valueCount">How many.</param>
    /// <param name="sums">What is written.</param>
    /// <param name="sumCount">How many.</param>
    /// <param name="weights">The first weight.</param>
    /// <param name="valueStride">From a value's weight to the next value's.</param>
    /// <param name="sumStride">From a sum's weight to the next sum's.</param>
    /// <param name="biases">What the sums begin with; null for 0.</param>
    internal static unsafe void Products<TReal, TWeight>(
        TReal* values, int valueCount, TReal* sums, int sumCount, TWeight* weights, nint valueStride, nint sumStride,
        TWeight* biases)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        int unit = 0;
        if (TReal.SumsAtOnce == 8)
        {
            for (; unit + 4 < sumCount && sumCount >= 8; unit += 8)
            {
                unit = Math.Min(unit, sumCount - 8);
                TWeight* starts = biases is null ? null : biases + unit;
                Eight(values, valueCount, sums + unit, weights + unit * sumStride, valueStride, sumStride, starts);
            }
        }

        for (; unit < sumCount && sumCount >= 4; unit += 4)
        {
            unit = Math.Min(unit, sumCount - 4);
            TWeight* starts = biases is null ? null : biases + unit;
            Four(values, valueCount, sums + unit, weights + unit * sumStride, valueStride, sumStride, starts);
        }

        for (; unit < sumCount; unit++)
        {
            TReal sum = biases is null ? default : TReal.Of(biases[unit]);
            for (int i = 0; i < valueCount; i++)
            {
                TReal.AddProduct(ref sum, TReal.Of(weights[i * valueStride + unit * sumStride]), values[i]);
            }

            sums[unit] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Eight<TReal, TWeight>(
        TReal* values, int valueCount, TReal* sums, TWeight* weights, nint valueStride, nint sumStride, TWeight* biases)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        TReal sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        TReal sum4 = default, sum5 = default, sum6 = default, sum7 = default;
        if (biases is not null)
        {
            sum0 = TReal.Of(biases);
            sum1 = TReal.Of(biases + 1);
            sum2 = TReal.Of(biases + 2);
            sum3 = TReal.Of(biases + 3);
            sum4 = TReal.Of(biases + 4);
            sum5 = TReal.Of(biases + 5);
            sum6 = TReal.Of(biases + 6);
            sum7 = TReal.Of(biases + 7);
        }

        for (int i = 0; i < valueCount; i++)
        {
            TReal value = values[i];
            TWeight* w = weights;
            TReal.AddProduct(ref sum0, value, TReal.Of(w));
            TReal.AddProduct(ref sum1, value, TReal.Of(w + sumStride));
            TReal.AddProduct(ref sum2, value, TReal.Of(w + 2 * sumStride));
            TReal.AddProduct(ref sum3, value, TReal.Of(w + 3 * sumStride));
            w += 4 * sumStride;
            TReal.AddProduct(ref sum4, value, TReal.Of(w));
            TReal.AddProduct(ref sum5, value, TReal.Of(w + sumStride));
            TReal.AddProduct(ref sum6, value, TReal.Of(w + 2 * sumStride));
            TReal.AddProduct(ref sum7, value, TReal.Of(w + 3 * sumStride));
            weights += valueStride;
        }

        sums[0] = sum0;
        sums[1] = sum1;
        sums[2] = sum2;
        sums[3] = sum3;
        sums[4] = sum4;
        sums[5] = sum5;
        sums[6] = sum6;
        sums[7] = sum7;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Four<TReal, TWeight>(
        TReal* values, int valueCount, TReal* sums, TWeight* weights, nint valueStride, nint sumStride, TWeight* biases)
        where TReal : unmanaged, IReal<TReal, TWeight>
        where TWeight : unmanaged, IFloatingPointIeee754<TWeight>
    {
        TReal sum0 = biases is null ? default : TReal.Of(biases);
        TReal sum1 = biases is null ? default : TReal.Of(biases + 1);
        TReal sum2 = biases is null ? default : TReal.Of(biases + 2);
        TReal sum3 = biases is null ? default : TReal.Of(biases + 3);
        for (int i = 0; i < valueCount; i++)
        {
            TReal value = values[i];
            TReal.AddProduct(ref sum0, value, TReal.Of(weights));
            TReal.AddProduct(ref sum1, value, TReal.Of(weights + sumStride));
            TReal.AddProduct(ref sum2, value, TReal.Of(weights + 2 * sumStride));
            TReal.AddProduct(ref sum3, value, TReal.Of(weights + 3 * sumStride));
            weights += valueStride;
        }

        sums[0] = sum0;
        sums[1] = sum1;
        sums[2] = sum2;
        sums[3] = sum3;
    }

    private static TensorShape OutputShape(TensorShape input, int units)
    {
        ArgumentNullException.ThrowIfNull(input);
        LayerException.Require(units >= 1, $"expected one unit or more, found {units}");
        return input.IsTokens ? new TensorShape(input[0], units) : new TensorShape(units);
    }
}
