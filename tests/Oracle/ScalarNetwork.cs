using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using static GpuConvnet.Model.Shape1989;

namespace GpuConvnet.Tests.Oracle;

/// <summary>
/// The network in plain scalar double precision, written from the definition with no thought of speed: the oracle that
/// the reference path and the kernels are checked against. Shares nothing with them but the sizes, the connection
/// table and the order of the parameters.
/// </summary>
internal sealed class ScalarNetwork(NetworkOptions options, double[] parameters)
{
    private readonly double[,,] _h1 = new double[H1Maps, H1Size, H1Size];
    private readonly double[,,] _h2 = new double[H2Maps, H2Size, H2Size];
    private readonly double[] _h3 = new double[H3Units];
    private readonly double[,,] _h1Sum = new double[H1Maps, H1Size, H1Size];
    private readonly double[,,] _h2Sum = new double[H2Maps, H2Size, H2Size];
    private readonly double[] _h3Sum = new double[H3Units];
    private readonly double[] _outputSum = new double[GpuConvnet.Model.Shape1989.Outputs];
    private readonly double[] _output = new double[GpuConvnet.Model.Shape1989.Outputs];

    public double[] Outputs(ReadOnlySpan<float> image)
    {
        for (int map = 0; map < H1Maps; map++)
        {
            for (int row = 0; row < H1Size; row++)
            {
                for (int column = 0; column < H1Size; column++)
                {
                    double sum = parameters[Parameters.H1b.Offset + (map * H1Size + row) * H1Size + column];
                    for (int y = 0; y < KernelSize; y++)
                    {
                        for (int x = 0; x < KernelSize; x++)
                        {
                            sum += Pixel(image, row * 2 + y - 2, column * 2 + x - 2)
                                * parameters[H1w(map, y, x)];
                        }
                    }

                    _h1Sum[map, row, column] = sum;
                    _h1[map, row, column] = Hidden(sum);
                }
            }
        }

        for (int map = 0; map < H2Maps; map++)
        {
            ReadOnlySpan<int> sources = options.Connections.Sources(map);
            for (int row = 0; row < H2Size; row++)
            {
                for (int column = 0; column < H2Size; column++)
                {
                    double sum = parameters[H2b(map, row, column)];
                    for (int source = 0; source < H2Sources; source++)
                    {
                        for (int y = 0; y < KernelSize; y++)
                        {
                            for (int x = 0; x < KernelSize; x++)
                            {
                                sum += H1(sources[source], row * 2 + y - 2, column * 2 + x - 2)
                                    * parameters[H2w(map, source, y, x)];
                            }
                        }
                    }

                    _h2Sum[map, row, column] = sum;
                    _h2[map, row, column] = Hidden(sum);
                }
            }
        }

        for (int unit = 0; unit < H3Units; unit++)
        {
            double sum = parameters[Parameters.H3b.Offset + unit];
            for (int input = 0; input < H2Units; input++)
            {
                sum += H2(input) * parameters[Parameters.H3w.Offset + input * H3Units + unit];
            }

            _h3Sum[unit] = sum;
            _h3[unit] = Hidden(sum);
        }

        for (int digit = 0; digit < _output.Length; digit++)
        {
            double sum = parameters[Parameters.Outb.Offset + digit];
            for (int unit = 0; unit < H3Units; unit++)
            {
                sum += _h3[unit] * parameters[Parameters.Outw.Offset + unit * _output.Length + digit];
            }

            _outputSum[digit] = sum;
            _output[digit] = options.Output.Apply(sum);
        }

        return _output;
    }

    public double LossOf(ReadOnlySpan<float> image, int label)
    {
        double[] outputs = Outputs(image);
        return options.Loss == Loss.Of<SquaredError>()
            ? outputs.Select((output, digit) => Math.Pow(output - (digit == label ? 1 : -1), 2)).Average()
            : outputs.Select((output, digit) => -Target(digit, label) * Math.Log(Math.Exp(output) / outputs.Sum(Math.Exp)))
                .Sum();
    }

    /// <summary>Adds the gradient of one example's loss, times a factor, to <paramref name="gradient"/>.</summary>
    public void AddGradient(ReadOnlySpan<float> image, int label, double factor, double[] gradient)
    {
        double[] outputs = Outputs(image);
        double partition = outputs.Sum(Math.Exp);
        double[] h3Delta = new double[H3Units];
        for (int digit = 0; digit < outputs.Length; digit++)
        {
            double delta = options.Loss == Loss.Of<SquaredError>()
                ? 2 * (outputs[digit] - (digit == label ? 1 : -1)) / outputs.Length
                : Math.Exp(outputs[digit]) / partition - Target(digit, label);
            delta *= factor * options.Output.Derivative(_outputSum[digit]);
            gradient[Parameters.Outb.Offset + digit] += delta;
            for (int unit = 0; unit < H3Units; unit++)
            {
                int weight = Parameters.Outw.Offset + unit * outputs.Length + digit;
                gradient[weight] += delta * _h3[unit];
                h3Delta[unit] += delta * parameters[weight];
            }
        }

        double[] h2Gradient = new double[H2Units];
        for (int unit = 0; unit < H3Units; unit++)
        {
            double delta = h3Delta[unit] * Derivative(_h3Sum[unit]);
            gradient[Parameters.H3b.Offset + unit] += delta;
            for (int input = 0; input < H2Units; input++)
            {
                int weight = Parameters.H3w.Offset + input * H3Units + unit;
                gradient[weight] += delta * H2(input);
                h2Gradient[input] += delta * parameters[weight];
            }
        }

        double[,,] h1Gradient = new double[H1Maps, H1Size, H1Size];
        for (int input = 0; input < H2Units; input++)
        {
            int map = input / H2MapUnits;
            int row = input % H2MapUnits / H2Size;
            int column = input % H2Size;
            double delta = h2Gradient[input] * Derivative(_h2Sum[map, row, column]);
            gradient[H2b(map, row, column)] += delta;
            ReadOnlySpan<int> sources = options.Connections.Sources(map);
            for (int source = 0; source < H2Sources; source++)
            {
                for (int y = 0; y < KernelSize; y++)
                {
                    for (int x = 0; x < KernelSize; x++)
                    {
                        int h1Row = row * 2 + y - 2;
                        int h1Column = column * 2 + x - 2;
                        gradient[H2w(map, source, y, x)] += delta * H1(sources[source], h1Row, h1Column);
                        if (IsInside(h1Row, h1Column, H1Size))
                        {
                            h1Gradient[sources[source], h1Row, h1Column] +=
                                delta * parameters[H2w(map, source, y, x)];
                        }
                    }
                }
            }
        }

        for (int map = 0; map < H1Maps; map++)
        {
            for (int row = 0; row < H1Size; row++)
            {
                for (int column = 0; column < H1Size; column++)
                {
                    double delta = h1Gradient[map, row, column] * Derivative(_h1Sum[map, row, column]);
                    gradient[Parameters.H1b.Offset + (map * H1Size + row) * H1Size + column] += delta;
                    for (int y = 0; y < KernelSize; y++)
                    {
                        for (int x = 0; x < KernelSize; x++)
                        {
                            gradient[H1w(map, y, x)] += delta * Pixel(image, row * 2 + y - 2, column * 2 + x - 2);
                        }
                    }
                }
            }
        }
    }

    private double Target(int digit, int label) =>
        (digit == label ? 1 - options.LabelSmoothing : 0) + options.LabelSmoothing / _output.Length;

    private static int H1w(int map, int row, int column) => (map * KernelSize + row) * KernelSize + column;

    private static int H2w(int map, int source, int row, int column) =>
        Parameters.H2w.Offset + ((map * H2Sources + source) * KernelSize + row) * KernelSize + column;

    private static int H2b(int map, int row, int column) => Parameters.H2b.Offset + (map * H2Size + row) * H2Size + column;

    private static bool IsInside(int row, int column, int size) =>
        row >= 0 && row < size && column >= 0 && column < size;

    private static double Pixel(ReadOnlySpan<float> image, int row, int column) =>
        IsInside(row, column, InputSize) ? image[row * InputSize + column] : PaddingValue;

    private double H1(int map, int row, int column) =>
        IsInside(row, column, H1Size) ? _h1[map, row, column] : PaddingValue;

    private double H2(int unit) => _h2[unit / H2MapUnits, unit % H2MapUnits / H2Size, unit % H2Size];

    private double Hidden(double sum) => options.Hidden.Apply(sum);

    private double Derivative(double sum) => options.Hidden.Derivative(sum);
}
