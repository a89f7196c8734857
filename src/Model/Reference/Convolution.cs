using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Network;

namespace GpuConvnet.Model.Reference;

/// <summary>
/// A convolution whose units have a bias each: (input maps, side, side) to (maps, smaller side, smaller side). Each map reads
/// some of the input's maps, through a kernel for each. Outside of the input is a border of one value.
/// </summary>
internal sealed class Convolution
{
    private readonly NetworkShape _shape;
    private readonly Activation _activation;
    private readonly ParameterPart _weights;
    private readonly ParameterPart _biases;
    private readonly Func<int, int[]> _sources;
    private readonly int _inputSize;
    private readonly int _size;
    private readonly double[] _sums;
    private readonly double[] _values;
    private double[] _input = [];

    /// <summary>Creates a layer.</summary>
    /// <param name="shape">The network's kernel, stride and border.</param>
    /// <param name="activation">What its units apply to their sums.</param>
    /// <param name="weights">(maps, sources, kernel, kernel).</param>
    /// <param name="biases">(maps, side, side).</param>
    /// <param name="inputSize">The side of the input's maps.</param>
    /// <param name="sources">The input's maps that a map reads, in the order of its kernels.</param>
    public Convolution(
        NetworkShape shape, Activation activation, ParameterPart weights, ParameterPart biases, int inputSize,
        Func<int, int[]> sources)
    {
        _shape = shape;
        _activation = activation;
        _weights = weights;
        _biases = biases;
        _inputSize = inputSize;
        _sources = sources;
        _size = biases.Shape[1];
        _sums = new double[biases.Count];
        _values = new double[biases.Count];
    }

    /// <summary>Input to values: value = f(bias + the sum over sources, y and x of weight * input).</summary>
    /// <param name="input">(input maps, side, side).</param>
    /// <param name="parameters">All parameters.</param>
    /// <returns>(maps, side, side).</returns>
    public double[] Forward(double[] input, double[] parameters)
    {
        _input = input;
        for (int unit = 0; unit < _values.Length; unit++)
        {
            double sum = parameters[_biases.Offset + unit];
            foreach ((int weight, int place) in Connections(unit))
            {
                sum += parameters[weight] * (place < 0 ? _shape.PaddingValue : input[place]);
            }

            _sums[unit] = sum;
            _values[unit] = _activation.Apply(sum);
        }

        return _values;
    }

    /// <summary>The way back: adds the gradient by weights and biases to all parameters'.</summary>
    /// <param name="valueGradient">The loss's gradient by the values, (maps, side, side).</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="gradient">The gradient by all parameters.</param>
    /// <returns>The loss's gradient by the input, (input maps, side, side).</returns>
    public double[] Backward(double[] valueGradient, double[] parameters, double[] gradient)
    {
        double[] inputGradient = new double[_input.Length];
        for (int unit = 0; unit < _values.Length; unit++)
        {
            double delta = valueGradient[unit] * _activation.Derivative(_sums[unit]);
            gradient[_biases.Offset + unit] += delta;
            foreach ((int weight, int place) in Connections(unit))
            {
                gradient[weight] += delta * (place < 0 ? _shape.PaddingValue : _input[place]);
                if (place >= 0)
                {
                    inputGradient[place] += delta * parameters[weight];
                }
            }
        }

        return inputGradient;
    }

    /// <summary>
    /// The way back of second derivatives, each unit by itself: h of a sum is f'² h of its value, h of a weight the sum of
    /// input² h over the units that share it, h of an input the sum of weight² h over the units that read it.
    /// </summary>
    /// <param name="valueCurvature">The loss's second derivatives by the values, (maps, side, side).</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="curvature">Those by all parameters, to which the layer's are added.</param>
    /// <returns>Those by the input, (input maps, side, side).</returns>
    public double[] BackwardCurvature(double[] valueCurvature, double[] parameters, double[] curvature)
    {
        double[] inputCurvature = new double[_input.Length];
        for (int unit = 0; unit < _values.Length; unit++)
        {
            double ofSum = valueCurvature[unit] * Squared(_activation.Derivative(_sums[unit]));
            curvature[_biases.Offset + unit] += ofSum;
            foreach ((int weight, int place) in Connections(unit))
            {
                curvature[weight] += ofSum * Squared(place < 0 ? _shape.PaddingValue : _input[place]);
                if (place >= 0)
                {
                    inputCurvature[place] += ofSum * Squared(parameters[weight]);
                }
            }
        }

        return inputCurvature;

        static double Squared(double value) => value * value;
    }

    /// <summary>A unit's weights, and what each is multiplied with: a place in the input, or -1 for the border.</summary>
    private IEnumerable<(int Weight, int Place)> Connections(int unit)
    {
        int map = unit / (_size * _size);
        int top = unit / _size % _size * _shape.Stride - _shape.Padding;
        int left = unit % _size * _shape.Stride - _shape.Padding;
        int weight = _weights.Offset + map * _weights.FanIn;
        foreach (int source in _sources(map))
        {
            for (int row = top; row < top + _shape.KernelSize; row++)
            {
                for (int column = left; column < left + _shape.KernelSize; column++)
                {
                    bool isInside = row >= 0 && row < _inputSize && column >= 0 && column < _inputSize;
                    yield return (weight++, isInside ? (source * _inputSize + row) * _inputSize + column : -1);
                }
            }
        }
    }
}
