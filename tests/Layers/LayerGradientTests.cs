using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Layers;

/// <summary>Every layer's gradient beside the loss's differences in double precision, then the fast numbers beside that.</summary>
public unsafe class LayerGradientTests
{
    private const int Count = 3;

    private static readonly Perturbation s_dropping = new(3, 4, maximumShift: 1, dropout: 0.1f);

    public static TheoryData<string> Names => [.. LayerNetworks.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void GradientsAreThoseOfTheLoss(string name)
    {
        LayerNetwork network = LayerNetworks.All[name]();
        Examples examples = RandomNetwork.Examples(new Random(7), Count);
        double[] parameters = [.. LayerNetworks.Parameters(network, seed: 5).Select(value => (double)value)];
        double[] gradient = Gradient(network, parameters, examples, Perturbation.None);

        Random random = new(11);
        foreach (ParameterPart part in network.Parts)
        {
            double largest = Largest(part, gradient);
            Assert.True(largest > 0, $"{part.Name} has no gradient.");
            for (int trial = 0; trial < Math.Min(20, part.Count); trial++)
            {
                int place = part.Offset + (part.Count <= 20 ? trial : random.Next(part.Count));
                double difference = Difference(network, parameters, examples, place);
                Assert.True(
                    Math.Abs(difference - gradient[place]) <= 1e-7 * largest,
                    $"{part.Name} at {place}: {gradient[place]}, by differences {difference}; the largest is {largest}.");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void FloatsAndLanesHaveTheSameGradients(string name)
    {
        LayerNetwork network = LayerNetworks.All[name]();
        Examples examples = RandomNetwork.Examples(new Random(8), 37);
        float[] parameters = LayerNetworks.Parameters(network, seed: 6);
        double[] expected = Gradient(network, [.. parameters.Select(value => (double)value)], examples, s_dropping);
        AssertClose(network, expected, Gradient<Real32>(network, parameters, examples));
        AssertClose(network, expected, Gradient<Lanes16>(network, parameters, examples));
        AssertClose(network, expected, Gradient<Lanes32>(network, parameters, examples));
    }

    /// <summary>The network of 1989, written a second time, unit by unit and connection by connection.</summary>
    [Fact]
    public void TheNetworkOf1989HasTheReferencesGradient()
    {
        NetworkOptions options = NetworkOptions.Base1989;
        LayerNetwork network = Zip1989.Create(options);
        Examples examples = RandomNetwork.Examples(new Random(10), Count);
        double[] parameters = [.. LayerNetworks.Parameters(network, seed: 4).Select(value => (double)value)];
        double[] actual = Gradient(network, parameters, examples, Perturbation.None);

        ReferenceNetwork reference = new(options, parameters);
        double[] expected = new double[parameters.Length];
        for (int example = 0; example < Count; example++)
        {
            reference.AddGradient(examples.Image(example), examples.Labels[example], 1.0 / Count, expected);
        }

        foreach (ParameterPart part in network.Parts)
        {
            // A batch's share of the loss is a float, 1/3 to 2e-8.
            double largest = Largest(part, expected);
            for (int place = part.Offset; place < part.Offset + part.Count; place++)
            {
                Assert.Equal(expected[place], actual[place], 1e-7 * largest);
            }
        }
    }

    [Fact]
    public void ThreadsMakeNoDifferenceToTheBits()
    {
        LayerNetwork network = LayerNetworks.All["tokens"]();
        Examples examples = RandomNetwork.Examples(new Random(9), 1200);
        float[] parameters = LayerNetworks.Parameters(network, seed: 6);
        float[][] gradients = new float[2][];
        for (int threads = 1; threads <= 2; threads++)
        {
            using LayerTrainer trainer = new(network, Optimizer.Of<AdamW>(), examples, examples, threads);
            trainer.Load(parameters);
            gradients[threads - 1] = new float[network.ParameterCount];
            trainer.Gradient(0, examples.Count, s_dropping, gradients[threads - 1]);
        }

        Assert.Equal(gradients[0], gradients[1]);
    }

    private static void AssertClose(LayerNetwork network, double[] expected, float[] actual)
    {
        foreach (ParameterPart part in network.Parts)
        {
            double largest = Largest(part, expected);
            for (int place = part.Offset; place < part.Offset + part.Count; place++)
            {
                Assert.Equal(expected[place], actual[place], 2e-5 * largest);
            }
        }
    }

    private static double Largest(ParameterPart part, double[] gradient) =>
        gradient.Skip(part.Offset).Take(part.Count).Max(Math.Abs);

    private static double[] Gradient(
        LayerNetwork network, double[] parameters, Examples examples, in Perturbation perturbation)
    {
        using LayerEngine<Real64, double> engine = new(network);
        double[] all = Prepared(network, parameters);
        double[] gradient = new double[all.Length];
        fixed (double* values = all, sums = gradient)
        {
            engine.AddGradient(values, examples, 0, examples.Count, perturbation, 1f / examples.Count, sums);
            network.Chain.Finish(sums + network.ParameterCount, sums);
        }

        return gradient;
    }

    private static float[] Gradient<TReal>(LayerNetwork network, float[] parameters, Examples examples)
        where TReal : unmanaged, IReal<TReal, float>
    {
        using LayerEngine<TReal, float> engine = new(network);
        float[] all = [.. parameters, .. new float[network.Chain.Prepared]];
        float[] gradient = new float[all.Length];
        fixed (float* values = all, sums = gradient)
        {
            network.Chain.Prepare(values, values + network.ParameterCount);
            engine.AddGradient(values, examples, 0, examples.Count, s_dropping, 1f / examples.Count, sums);
            network.Chain.Finish(sums + network.ParameterCount, sums);
        }

        return gradient;
    }

    /// <summary>The loss's derivative by a parameter, by four values of the loss: its error is of the fourth order.</summary>
    private static double Difference(LayerNetwork network, double[] parameters, Examples examples, int place)
    {
        const double Step = 1e-3;
        double At(double distance)
        {
            double[] moved = [.. parameters];
            moved[place] += distance;
            return Loss(network, moved, examples);
        }

        return (8 * (At(Step) - At(-Step)) - (At(2 * Step) - At(-2 * Step))) / (12 * Step);
    }

    private static double Loss(LayerNetwork network, double[] parameters, Examples examples)
    {
        using LayerEngine<Real64, double> engine = new(network);
        double loss = 0;
        fixed (double* values = Prepared(network, parameters))
        {
            for (int example = 0; example < examples.Count; example++)
            {
                double[] outputs = new double[Shape1989.Outputs];
                engine.Values(values, examples.Image(example), outputs);
                loss += network.Loss.Value(outputs, examples.Labels[example], network.LabelSmoothing);
            }
        }

        return loss / examples.Count;
    }

    private static double[] Prepared(LayerNetwork network, double[] parameters)
    {
        double[] all = [.. parameters, .. new double[network.Chain.Prepared]];
        fixed (double* values = all)
        {
            network.Chain.Prepare(values, values + network.ParameterCount);
        }

        return all;
    }
}
