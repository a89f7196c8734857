using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Reference;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Reference;

/// <summary>The plain network's second derivatives, against finite differences of what they are made of.</summary>
public class CurvatureTests
{
    private const double Step = 1e-6;

    public static TheoryData<NetworkOptions> Networks =>
    [
        new NetworkOptions(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<HalfSquaredError>()),
        new NetworkOptions(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()),
    ];

    /// <summary>Of each layer the sum over its values of (dvalue/d...)² times the value's second derivative.</summary>
    [Fact]
    public void A_layer_passes_back_the_squares_of_its_Jacobian()
    {
        ParameterLayout layout = new(NetworkShape.Zip1989);
        Random random = new(1);
        double[] parameters = [.. RandomNetwork.Parameters(random).Select(value => (double)value)];
        Convolution convolution = new(
            NetworkShape.Zip1989, Activation.Of<Tanh>(), layout.H2w, layout.H2b, Shape1989.H1Size,
            map => H2Connections.Article.Sources(map).ToArray());
        Dense dense = new(Activation.Of<Gelu>(), layout.H3w, layout.H3b);
        double[] h1 = [.. Enumerable.Range(0, Shape1989.H1Units).Select(_ => 2 * random.NextDouble() - 1)];
        double[] h2 = [.. Enumerable.Range(0, Shape1989.H2Units).Select(_ => 2 * random.NextDouble() - 1)];
        double[] ofH2 = [.. Enumerable.Range(0, Shape1989.H2Units).Select(_ => random.NextDouble())];
        double[] ofH3 = [.. Enumerable.Range(0, Shape1989.H3Units).Select(_ => random.NextDouble())];

        Check(layout.H2w, layout.H2b, h1, ofH2, convolution.Forward, convolution.BackwardCurvature);
        Check(layout.H3w, layout.H3b, h2, ofH3, dense.Forward, dense.BackwardCurvature);

        void Check(
            ParameterPart weights, ParameterPart biases, double[] input, double[] ofValues,
            Func<double[], double[], double[]> forward, Func<double[], double[], double[], double[]> backward)
        {
            double[] curvature = new double[parameters.Length];
            forward(input, parameters);
            double[] ofInput = backward(ofValues, parameters, curvature);
            foreach (int place in Enumerable.Range(0, 40).Select(_ => random.Next(input.Length)))
            {
                Assert.Equal(Squares(input, place), ofInput[place], 1e-7);
            }

            foreach (ParameterPart part in new[] { weights, biases })
            {
                foreach (int place in Enumerable.Range(0, 40).Select(_ => part.Offset + random.Next(part.Count)))
                {
                    Assert.Equal(Squares(parameters, place), curvature[place], 1e-7);
                }
            }

            double Squares(double[] varied, int place)
            {
                double value = varied[place];
                varied[place] = value + Step;
                double[] above = [.. forward(input, parameters)];
                varied[place] = value - Step;
                double[] below = [.. forward(input, parameters)];
                varied[place] = value;
                return ofValues.Select((h, unit) => h * Math.Pow((above[unit] - below[unit]) / (2 * Step), 2)).Sum();
            }
        }
    }

    /// <summary>
    /// Of the outputs' parameters the approximation is the exact diagonal of the Gauss-Newton matrix; of those below it leaves out
    /// what units do to each other, and nothing can be said but that it is not below 0.
    /// </summary>
    [Theory]
    [MemberData(nameof(Networks))]
    public void Of_the_outputs_it_is_the_Gauss_Newton_diagonal(NetworkOptions options)
    {
        Random random = new(2);
        double[] parameters = [.. RandomNetwork.Parameters(random).Select(value => (double)value)];
        Examples example = RandomNetwork.Examples(random, 1);
        ReferenceNetwork network = new(options, parameters);
        double[] curvature = new double[parameters.Length];

        network.AddCurvature(example.Image(0), example.Labels[0], factor: 2, curvature);

        Assert.All(curvature, value => Assert.True(value >= 0));
        Assert.InRange(curvature.Count(value => value > 0), 9_700, 9_760);
        double[] byOutputs = options.Loss.Curvature([.. network.Outputs(example.Image(0))], example.Labels[0]);
        ParameterLayout layout = new(NetworkShape.Zip1989);
        for (int place = layout.Outw.Offset; place < parameters.Length; place++)
        {
            double value = parameters[place];
            parameters[place] = value + Step;
            double[] above = [.. network.Outputs(example.Image(0))];
            parameters[place] = value - Step;
            double[] below = [.. network.Outputs(example.Image(0))];
            parameters[place] = value;
            double expected = byOutputs.Select((h, i) => 2 * h * Math.Pow((above[i] - below[i]) / (2 * Step), 2)).Sum();
            Assert.Equal(expected, curvature[place], 1e-7);
        }
    }

    [Fact]
    public void A_losss_second_derivatives_are_those_of_its_gradient()
    {
        double[] outputs = [0.3, -1.2, 0.8, 0, -0.4, 1.1, -0.9, 0.2, -0.1, 0.5];
        foreach (Loss loss in Loss.All)
        {
            double[] curvature = loss.Curvature(outputs, label: 3);
            for (int i = 0; i < outputs.Length; i++)
            {
                double[] above = [.. outputs];
                double[] below = [.. outputs];
                above[i] += Step;
                below[i] -= Step;
                double expected = (loss.Gradient(above, 3, 0)[i] - loss.Gradient(below, 3, 0)[i]) / (2 * Step);
                Assert.Equal(expected, curvature[i], 1e-8);
            }
        }
    }
}
