using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Ptx;

/// <summary>
/// What an NVIDIA driver would be given, executed: the kernels' PTX computes what the host does, with no race, no address
/// outside a buffer and no barrier that only some threads come to.
/// </summary>
public class PtxKernelTests
{
    private static readonly NetworkOptions s_crossEntropy =
        new(HiddenActivation.ReLU, OutputActivation.Linear, Loss.CrossEntropy) { LabelSmoothing = 0.1 };

    private static readonly Perturbation s_noise = new(3, 4, maximumShift: 2, dropout: 0.25f);
    private static readonly Perturbation s_distorting = new(3, 4, 1, 0.25f, new Distortion(rotate: 10, scale: 0.1, elastic: 1));

    public static TheoryData<NetworkOptions> Fused => new(
        NetworkOptions.Base1989,
        s_crossEntropy,
        new NetworkOptions(HiddenActivation.ScaledTanh, OutputActivation.Linear, Loss.Mse));

    public static TheoryData<NetworkOptions> Layers => new(
        NetworkOptions.Base1989,
        s_crossEntropy with { Connections = Connections() },
        new NetworkOptions(HiddenActivation.Gelu, OutputActivation.ScaledTanh, Loss.Mse));

    [Theory]
    [MemberData(nameof(Fused))]
    public void TheFusedKernelHasTheHostsGradient(NetworkOptions network)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 24);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, OptimizerKind.Sgd, examples, examples);
        host.Load(parameters);

        // Two tiles and one, the last of which is not whole; and a batch that leaves a group nothing to do.
        foreach ((int start, int count, Perturbation perturbation) in new[] { (3, 20, s_noise), (0, 20, Perturbation.None), (16, 5, s_noise) })
        {
            PtxFusedLauncher device = new(network, examples, parameters, groups: 2);
            PtxRun run = device.SumGradients(start, count, perturbation);

            run.AssertDefined();
            AssertSameGradients(host, start, count, perturbation, device.Gradient(count));
        }
    }

    /// <summary>
    /// Races are found: without one of its barriers the fused kernel has some. One it could do without: the one between tiles.
    /// </summary>
    [Fact]
    public void TheFusedKernelRacesWithoutItsBarriers()
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 16);
        PtxFusedLauncher device = new(NetworkOptions.Base1989, examples, RandomNetwork.Parameters(new Random(1)), groups: 1);
        const string Barrier = "bar.sync\t0;";
        string[] parts = device.GradientText.Split(Barrier);
        int superfluous = 0;
        for (int barrier = 1; barrier < parts.Length; barrier++)
        {
            string without = string.Join(Barrier, parts[..barrier]) + string.Join(Barrier, parts[barrier..]);
            superfluous += device.SumGradients(0, 16, Perturbation.None, default, PtxProgram.Parse(without)).Races.Count == 0 ? 1 : 0;
        }

        Assert.InRange(parts.Length - 1, 10, 19);
        Assert.InRange(superfluous, 0, 1);
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.AdamW)]
    public void TheFusedStepsAreTheHosts(OptimizerKind kind)
    {
        OptimizerOptions options = new(kind, WeightDecay: 0.1);
        Examples examples = RandomNetwork.Examples(new Random(2), 24);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(NetworkOptions.Base1989, kind, examples, examples);
        PtxFusedLauncher device = new(NetworkOptions.Base1989, examples, parameters, groups: 3);
        host.Load(parameters);
        for (int step = 0; step < 2; step++)
        {
            OptimizerConstants constants = new(options, 0.01, step);
            host.Take([new BatchStep(0, 24, constants, s_noise)]);
            device.SumGradients(0, 24, s_noise, constants).AssertDefined();
            device.Update(kind).AssertDefined();
        }

        AssertSameParameters(host, device.Parameters);
        foreach (ParameterPart part in Parameters.Parts)
        {
            Assert.Equal(
                part.Of((ReadOnlySpan<float>)device.Parameters).ToArray(),
                part.Of((ReadOnlySpan<float>)device.PackedWeights).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Fused))]
    public void TheFusedEvaluationIsTheHosts(NetworkOptions network)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 27);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, OptimizerKind.Sgd, examples, examples);
        host.Load(parameters);

        PtxRun run = new PtxFusedLauncher(network, examples, parameters, groups: 2).Evaluate(out Evaluation evaluation);

        run.AssertDefined();
        AssertSameEvaluation(host, evaluation);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void TheLayersKernelsHaveTheHostsGradientAndEvaluation(NetworkOptions network)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 70);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, OptimizerKind.Sgd, examples, examples);
        host.Load(parameters);

        // Two slices, and one of fewer examples than threads.
        foreach ((int start, int count, Perturbation perturbation) in new[] { (1, 67, s_noise), (4, 3, s_distorting) })
        {
            PtxLayerLauncher device = new(network, OptimizerKind.Sgd, examples, parameters, stride: 80);

            AssertSameGradients(host, start, count, perturbation, device.Gradient(start, count, perturbation));
            AssertSameEvaluation(host, device.Evaluate());
            AssertDefined(device);
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.AdamW, false)]
    [InlineData(OptimizerKind.Sgd, true)]
    [InlineData(OptimizerKind.AdamW, true)]
    public void TheLayersStepsAreTheHosts(OptimizerKind kind, bool isNormalized)
    {
        NetworkOptions network = NetworkOptions.Base1989 with { WeightNormalization = isNormalized };
        OptimizerOptions options = new(kind);
        Examples examples = RandomNetwork.Examples(new Random(2), 12);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, kind, examples, examples);
        PtxLayerLauncher device = new(network, kind, examples, parameters, stride: 16);
        host.Load(parameters);
        for (int step = 0; step < 2; step++)
        {
            OptimizerConstants constants = new(options, 0.01, step);
            host.Take([new BatchStep(0, 12, constants, Perturbation.None)]);
            if (isNormalized)
            {
                device.StepNormalized(0, 12, Perturbation.None, constants);
            }
            else
            {
                device.Step(0, 12, Perturbation.None, constants);
            }
        }

        AssertSameParameters(host, device.Parameters);
        AssertDefined(device);
    }

    /// <summary>Connections of which the maps of a group do not read the same.</summary>
    private static H2Connections Connections() => new(
        [.. Enumerable.Range(0, 12).Select(map => Enumerable.Range(0, 8).Select(source => (map + source) % 12).ToArray())]);

    /// <summary>
    /// ILGPU takes the index that a thread is given for the same in all threads, and writes <c>bra.uni</c> for branches on
    /// whatever follows from it, with <c>OptimizationLevel.O2</c>: its kernels of an index cannot be held to that promise.
    /// </summary>
    private static void AssertDefined(PtxLayerLauncher device)
    {
        Assert.All(device.IndexRuns, run => Assert.Empty(run.Races));
        Assert.All(device.GroupRuns, run => run.AssertDefined());
    }

    private static void AssertSameGradients(HostTrainer host, int start, int count, Perturbation perturbation, float[] actual)
    {
        float[] expected = new float[Parameters.Count];
        host.Gradient(start, count, perturbation, expected);
        GradientAssert.Near(expected, actual, count);
    }

    private static void AssertSameParameters(HostTrainer host, float[] actual)
    {
        float[] expected = new float[Parameters.Count];
        host.Store(expected);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-4f);
        }
    }

    private static void AssertSameEvaluation(HostTrainer host, Evaluation actual)
    {
        Evaluation expected = host.Evaluate(Split.Train);
        Assert.Equal((expected.Examples, expected.Misses), (actual.Examples, actual.Misses));
        Assert.InRange(actual.Loss, expected.Loss * (1 - 1e-5), expected.Loss * (1 + 1e-5));
    }
}
