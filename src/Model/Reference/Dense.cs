using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Reference;

/// <summary>A layer whose units read every input: (inputs) to (units).</summary>
/// <param name="activation">What its units apply to their sums.</param>
/// <param name="weights">(inputs, units).</param>
/// <param name="biases">(units).</param>
internal sealed class Dense(Activation activation, ParameterPart weights, ParameterPart biases)
{
    private readonly double[] _sums = new double[biases.Count];
    private readonly double[] _values = new double[biases.Count];
    private double[] _input = [];

    /// <summary>Input to values: value = f(bias + the sum over the inputs of weight * input).</summary>
    /// <param name="input">(inputs).</param>
    /// <param name="parameters">All parameters.</param>
    /// <returns>(units).</returns>
    public double[] Forward(double[] input, double[] parameters)
    {
        _input = input;
        for (int unit = 0; unit < _values.Length; unit++)
        {
            double sum = parameters[biases.Offset + unit];
            for (int i = 0; i < input.Length; i++)
            {
                sum += parameters[Weight(i, unit)] * input[i];
            }

            _sums[unit] = sum;
            _values[unit] = activation.Apply(sum);
        }

        return _values;
    }

    /// <summary>The way back: adds the gradient by weights and biases to all parameters'.</summary>
    /// <param name="valueGradient">The loss's gradient by the values, (units).</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="gradient">The gradient by all parameters.</param>
    /// <returns>The loss's gradient by the input, (inputs).</returns>
    public double[] Backward(double[] valueGradient, double[] parameters, double[] gradient)
    {
        double[] inputGradient = new double[_input.Length];
        for (int unit = 0; unit < _values.Length; unit++)
        {
            double delta = valueGradient[unit] * activation.Derivative(_sums[unit]);
            gradient[biases.Offset + unit] += delta;
            for (int i = 0; i < _input.Length; i++)
            {
                gradient[Weight(i, unit)] += delta * _input[i];
                inputGradient[i] += delta * parameters[Weight(i, unit)];
            }
        }

        return inputGradient;
    }

    /// <summary>The way back of second derivatives; see <see cref="Convolution.BackwardCurvature"/>.</summary>
    /// <param name="valueCurvature">The loss's second derivatives by the values, (units).</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="curvature">Those by all parameters, to which the layer's are added.</param>
    /// <returns>Those by the input, (inputs).</returns>
    public double[] BackwardCurvature(double[] valueCurvature, double[] parameters, double[] curvature)
    {
        double[] inputCurvature = new double[_input.Length];
        for (int unit = 0; unit < _values.Length; unit++)
        {
            double ofSum = valueCurvature[unit] * Squared(activation.Derivative(_sums[unit]));
            curvature[biases.Offset + unit] += ofSum;
            for (int i = 0; i < _input.Length; i++)
            {
                curvature[Weight(i, unit)] += ofSum * Squared(_input[i]);
                inputCurvature[i] += ofSum * Squared(parameters[Weight(i, unit)]);
            }
        }

        return inputCurvature;

        static double Squared(double value) => value * value;
    }

    private int Weight(int input, int unit) => weights.Offset + input * biases.Count + unit;
}
