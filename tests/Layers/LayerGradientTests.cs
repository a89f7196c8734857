using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Layers;

/// <summary>Every layer's gradient beside the loss's differences in double precision, then the fast numbers beside that.</summary>
public unsafe class LayerGradientTests
{
    private const int Count = 3;

    private static readonly Perturbation s_dropping = new(3, 4, maximumShift: 1, dropout: 0.1f);

    public static TheoryData<string> Names => [.. LayerNetworks.All.Keys];

    /// <summary>In double precision beside differences of the loss; in floats and lanes beside that.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void EveryLayersGradientIsThatOfTheLoss(string name)
    {
        LayerNetwork network = LayerNetworks.All[name]();

        IReadOnlyList<VerificationCheck> checks = NetworkVerification.OfGradients(network, seed: 7);

        Assert.Equal(4 * network.Parts.Count, checks.Count);
        Assert.All(checks, check => Assert.True(check.Passed, $"{check}"));
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
        float[][] gradients = new float[3][];
        for (int threads = 1; threads <= gradients.Length; threads++)
        {
            using LayerTrainer trainer = new(network, Optimizer.Of<AdamW>(), examples, examples, threads);
            trainer.Load(parameters);
            gradients[threads - 1] = new float[network.ParameterCount];
            trainer.Gradient(0, examples.Count, s_dropping, gradients[threads - 1]);
        }

        Assert.All(gradients, gradient => Assert.Equal(gradients[0], gradient));
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
