using System.Runtime.Intrinsics;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Numbers;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Simd;

/// <summary>Second derivatives on the vector path, and the steps that they take.</summary>
public class CurvatureStepTests
{
    private static readonly OptimizerOptions s_newton =
        new(Optimizer.Of<Newton>(), 0.01) { CurvatureRate = 0.3, Damping = 0.05, CurvatureExamples = 7 };

    public static TheoryData<NetworkOptions> Networks =>
    [
        new NetworkOptions(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<HalfSquaredError>()),
        new NetworkOptions(Activation.Of<Tanh>(), Activation.Of<Tanh>(), Loss.Of<SquaredError>()) { Connections = Connections() },
        new NetworkOptions(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 },
        new NetworkOptions(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SquaredError>()),
    ];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradient_and_second_derivatives_are_the_plain_networks(NetworkOptions options)
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 5);
        float[] parameters = RandomNetwork.Parameters(new Random(2));
        ReferenceNetwork plain = new(options, [.. parameters.Select(value => (double)value)]);
        double[] expectedGradient = new double[Parameters.Count];
        double[] expected = new double[Parameters.Count];
        for (int example = 1; example < 5; example++)
        {
            plain.AddGradient(examples.Image(example), examples.Labels[example], 0.25, expectedGradient);
            plain.AddCurvature(examples.Image(example), examples.Labels[example], 0.25, expected);
        }

        using SimdNetwork network = SimdNetwork.Create(options);
        using AlignedFloats gradient = new(SimdLayout.Count);
        using AlignedFloats curvature = new(SimdLayout.Count);
        network.Load(parameters);
        network.AddGradientAndCurvature(examples, 1, 4, Perturbation.None, 0.25f, gradient, curvature);

        AssertNear(expectedGradient, Unpacked(gradient));
        AssertNear(expected, Unpacked(curvature));
        Assert.Equal(Unpacked(curvature).Sum(value => (double)value), curvature.Span.ToArray().Sum(value => (double)value), 1e-4);
    }

    /// <summary>Without a step's perturbation, of examples 0, 2, 5, 8 and so on of twenty.</summary>
    [Fact]
    public void An_estimate_is_the_mean_over_examples_that_are_spread_over_the_set()
    {
        NetworkOptions options = NetworkOptions.Base1989;
        Examples examples = RandomNetwork.Examples(new Random(1), 20);
        float[] parameters = RandomNetwork.Parameters(new Random(2));
        ReferenceNetwork plain = new(options, [.. parameters.Select(value => (double)value)]);
        double[] expected = new double[Parameters.Count];
        foreach (int example in new[] { 0, 2, 5, 8, 11, 14, 17 })
        {
            plain.AddCurvature(examples.Image(example), examples.Labels[example], 1.0 / 7, expected);
        }

        using SimdNetwork network = SimdNetwork.Create(options);
        network.Load(parameters);
        network.EstimateCurvature(examples, 7);

        AssertNear(expected, network.SaveState().States[0]);
        Assert.Equal(parameters, Stored(network.Store));
        network.EstimateCurvature(examples, 20);
        float[] ofAll = network.SaveState().States[0];
        network.EstimateCurvature(examples, 500);
        Assert.Equal(ofAll, network.SaveState().States[0]);
    }

    /// <summary>The plain mathematics of LeCun et al.: means first, then a step by what they have become.</summary>
    [Fact]
    public void A_step_divides_by_damping_and_the_new_mean()
    {
        NetworkOptions options = new(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<HalfSquaredError>());
        Examples examples = RandomNetwork.Examples(new Random(1), 20);
        double[] parameters = [.. RandomNetwork.Parameters(new Random(2)).Select(value => (double)value)];
        double[] means = new double[parameters.Length];
        using PerExampleTrainer trainer = new(options, s_newton.Kind, examples, examples);
        trainer.Load([.. parameters.Select(value => (float)value)]);
        ReferenceNetwork plain = new(options, parameters);
        foreach (int example in new[] { 0, 2, 5, 8, 11, 14, 17 })
        {
            plain.AddCurvature(examples.Image(example), examples.Labels[example], 1.0 / 7, means);
        }

        for (int step = 0; step < 20; step++)
        {
            double[] gradient = new double[parameters.Length];
            double[] curvature = new double[parameters.Length];
            plain.AddGradient(examples.Image(step), examples.Labels[step], 1, gradient);
            plain.AddCurvature(examples.Image(step), examples.Labels[step], 1, curvature);
            for (int i = 0; i < parameters.Length; i++)
            {
                means[i] = 0.7 * means[i] + 0.3 * curvature[i];
                parameters[i] -= 0.01 / (0.05 + means[i]) * gradient[i];
            }

            trainer.Take([new BatchStep(
                step, 1, s_newton.Constants(0.01, step), Perturbation.None, s_newton.CurvatureExamplesBefore(step))]);
        }

        AssertNear(parameters, Stored(trainer.Store), 1e-4);
        AssertNear(means, trainer.SaveState().States[0], 1e-3);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_batch_of_one_takes_the_step_of_a_presentation(NetworkOptions options)
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 20);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        using HostTrainer batches = new(options, s_newton.Kind, examples, examples);
        using PerExampleTrainer one = new(options, s_newton.Kind, examples, examples);
        foreach (ITrainer trainer in new ITrainer[] { batches, one })
        {
            trainer.Load(initial);
            for (int step = 0; step < 20; step++)
            {
                trainer.Take([new BatchStep(
                    step, 1, s_newton.Constants(0.001, step),
                    new Perturbation(5, (uint)step, 1, 0.25f, new Distortion(rotate: 5, scale: 0.1, elastic: 0.5)),
                    s_newton.CurvatureExamplesBefore(step))]);
            }
        }

        Assert.Equal(Stored(one.Store), Stored(batches.Store));
        Assert.Equal(one.SaveState().States[0], batches.SaveState().States[0]);
        Assert.NotEqual(initial, Stored(one.Store));
    }

    [Fact]
    public void Threads_do_not_change_a_bit()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 333);
        float[] initial = RandomNetwork.Parameters(new Random(2));
        float[][] results = [.. new[] { 1, 3 }.Select(threads =>
        {
            using HostTrainer trainer = new(NetworkOptions.Base1989, s_newton.Kind, examples, examples, threads);
            trainer.Load(initial);
            for (int step = 0; step < 3; step++)
            {
                trainer.Take([new BatchStep(
                    5, 300, s_newton.Constants(0.01, step), new Perturbation(9, (uint)step, 1, 0.25f),
                    s_newton.CurvatureExamplesBefore(step))]);
            }

            return Stored(trainer.Store);
        })];
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void Sixteen_parameters_are_updated_as_one_is()
    {
        Random random = new(3);
        float[] parameters = [.. Enumerable.Range(0, 16).Select(_ => random.NextSingle())];
        float[] means = [.. Enumerable.Range(0, 16).Select(_ => random.NextSingle())];
        float[] gradients = [.. Enumerable.Range(0, 16).Select(_ => random.NextSingle() - 0.5f)];
        float[] curvatures = [.. Enumerable.Range(0, 16).Select(_ => random.NextSingle())];
        Vector512<float> wide = Vector512.Create(parameters);
        Vector512<float> wideMeans = Vector512.Create(means);
        OptimizerConstants step = s_newton.Constants(0.01, 7);

        Newton.Update(ref wide, Vector512.Create(gradients), Vector512.Create(curvatures), ref wideMeans, step);
        for (int i = 0; i < 16; i++)
        {
            Newton.Update(ref parameters[i], gradients[i], curvatures[i], ref means[i], step);
            Assert.Equal(parameters[i], wide[i], 1e-6f);
            Assert.Equal(means[i], wideMeans[i], 1e-6f);
        }
    }

    [Fact]
    public void What_has_no_second_derivatives_says_so()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 2);
        NetworkOptions normalized = NetworkOptions.Base1989 with { WeightNormalization = true };

        Assert.Contains(
            "second derivatives", Assert.Throws<NotSupportedException>(
                () => new HostTrainer(normalized, s_newton.Kind, examples, examples)).Message, StringComparison.Ordinal);
        Assert.Equal("newton", Assert.Single(Optimizer.All, optimizer => optimizer.UsesCurvature).Name);
    }

    /// <summary>Tables whose groups do not read the same.</summary>
    private static H2Connections Connections() => new(
        [.. Enumerable.Range(0, 12).Select(map => Enumerable.Range(0, 8).Select(source => (map + source) % 12).ToArray())]);

    private static void AssertNear(double[] expected, float[] actual, double tolerance = 1e-5)
    {
        foreach (ParameterPart part in Parameters.Parts)
        {
            double largest = expected.AsSpan(part.Offset, part.Count).ToArray().Max(Math.Abs);
            for (int i = part.Offset; i < part.Offset + part.Count; i++)
            {
                Assert.Equal(expected[i], actual[i], tolerance * largest);
            }
        }
    }

    private static float[] Unpacked(AlignedFloats packed)
    {
        float[] values = new float[Parameters.Count];
        SimdLayout.Unpack(packed.Span, values);
        return values;
    }

    private static float[] Stored(StoreParameters store)
    {
        float[] parameters = new float[Parameters.Count];
        store(parameters);
        return parameters;
    }

    private delegate void StoreParameters(Span<float> parameters);
}
