using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Layers;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Simulator.Ptx;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using ILGPU;
using ILGPU.Runtime;

namespace GpuConvnet.Tests.Ptx;

/// <summary>
/// What an NVIDIA driver would be given, executed: the kernels' PTX computes what the host does, with no race, no address
/// outside a buffer and no barrier that only some threads come to.
/// </summary>
public sealed class PtxKernelTests : IDisposable
{
    private static readonly NetworkOptions s_crossEntropy =
        new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 };

    private static readonly Perturbation s_noise = new(3, 4, maximumShift: 2, dropout: 0.25f);
    private static readonly Perturbation s_distorting = new(3, 4, 1, 0.25f, new Distortion(rotate: 10, scale: 0.1, elastic: 1));

    private static readonly Examples s_test = RandomNetwork.Examples(new Random(3), 5);

    private readonly SimulatedGpu _gpu = new(kernels: KernelsOfTheRun.Folder);

    public static TheoryData<NetworkOptions, KernelChoice> Fused => new(
        (NetworkOptions.Base1989, KernelChoice.Fused),
        (NetworkOptions.Base1989, KernelChoice.Tensor),
        (s_crossEntropy, KernelChoice.Fused),
        (s_crossEntropy, KernelChoice.Tensor),
        (new NetworkOptions(Activation.Of<ScaledTanh>(), Activation.Of<Linear>(), Loss.Of<SquaredError>()), KernelChoice.Fused),
        (new NetworkOptions(Activation.Of<ScaledTanh>(), Activation.Of<Linear>(), Loss.Of<SquaredError>()), KernelChoice.Tensor));

    public static TheoryData<NetworkOptions> Layers => new(
        NetworkOptions.Base1989,
        s_crossEntropy with { Connections = Connections() },
        new NetworkOptions(Activation.Of<Gelu>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()));

    [Theory]
    [MemberData(nameof(Fused))]
    public void TheFusedKernelHasTheHostsGradient(NetworkOptions network, KernelChoice kernels)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 40);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, Optimizer.Of<Sgd>(), examples, examples);
        using AcceleratorTrainer trainer = Trainer(network, Optimizer.Of<Sgd>(), examples, kernels);
        host.Load(parameters);
        trainer.Load(parameters);

        // Two tiles and one, the last of which is not whole; and a batch that leaves groups nothing to do.
        foreach ((int start, int count, Perturbation perturbation) in new[]
        {
            (3, 37, s_noise), (0, 20, Perturbation.None), (16, 5, s_noise),
        })
        {
            AssertSameGradients(host, trainer, start, count, perturbation);
        }

        AssertDefined(launches: 3);
    }

    /// <summary>
    /// Races are found: without one of its barriers the fused kernel has some. One it could do without: the one between tiles.
    /// </summary>
    [Theory]
    [InlineData(KernelChoice.Fused, 1)]
    [InlineData(KernelChoice.Tensor, 2)]
    public void TheFusedKernelRacesWithoutItsBarriers(KernelChoice kernels, int most)
    {
        const string Barrier = "bar.sync\t0;";
        Examples examples = RandomNetwork.Examples(new Random(2), 16);
        using AcceleratorTrainer trainer =
            Trainer(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, kernels);
        trainer.Load(RandomNetwork.Parameters(new Random(1)));
        string[] parts = [];
        _gpu.Accelerator.Machine = launch =>
        {
            parts = launch.Program.Text.Split(Barrier);
            return null;
        };
        trainer.Gradient(0, 16, Perturbation.None, new float[Parameters.Count]);
        int superfluous = 0;
        for (int barrier = 1; barrier < parts.Length; barrier++)
        {
            string without = string.Join(Barrier, parts[..barrier]) + string.Join(Barrier, parts[barrier..]);

            // One group, so that it has two tiles.
            _gpu.Accelerator.Machine = launch =>
                PtxMachine.Run(launch with { Program = PtxProgram.Parse(without), Grid = (1, 1) });
            trainer.Gradient(0, 16, Perturbation.None, new float[Parameters.Count]);
            superfluous += _gpu.Accelerator.Runs[^1].Races.Count == 0 ? 1 : 0;
        }

        Assert.InRange(parts.Length - 1, 10, 22);
        Assert.InRange(superfluous, 0, most);
    }

    [Theory]
    [InlineData("sgd", 2, KernelChoice.Fused)]
    [InlineData("sgd", 2, KernelChoice.Tensor)]
    [InlineData("adamw", 2, KernelChoice.Fused)]
    [InlineData("adamw", 2, KernelChoice.Tensor)]
    [InlineData("muon", 3, KernelChoice.Fused)]
    [InlineData("muon", 3, KernelChoice.Tensor)]
    [InlineData("scheduleFreeAdamw", 2, KernelChoice.Fused)]
    [InlineData("scheduleFreeAdamw", 2, KernelChoice.Tensor)]
    [InlineData("lion", 2, KernelChoice.Fused)]
    public void TheFusedStepsAreTheHosts(string optimizer, int launches, KernelChoice kernels)
    {
        Optimizer kind = Optimizer.All.Single(each => each.Name == optimizer);
        OptimizerOptions options = new(kind, 0.01) { WeightDecay = 0.1 };
        Examples examples = RandomNetwork.Examples(new Random(2), 24);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(NetworkOptions.Base1989, kind, examples, s_test);
        using AcceleratorTrainer trainer = Trainer(NetworkOptions.Base1989, kind, examples, kernels);
        host.Load(parameters);
        trainer.Load(parameters);
        BatchStep[] steps =
            [.. Enumerable.Range(0, 2).Select(step => new BatchStep(0, 24, options.Constants(0.01, step), s_noise))];

        float[] gradient = new float[Parameters.Count];
        host.Gradient(0, 24, s_noise, gradient);

        // In one window, so that the second is not the window's first.
        host.Take(steps);
        trainer.Take(steps);

        float[] trained = AssertSameParameters(
            host, trainer, kernels == KernelChoice.Tensor && optimizer is ("adamw" or "scheduleFreeAdamw") ? gradient : null);
        AssertDefined(launches: 2 * launches + (kind.EvaluatesAverage ? 1 : 0));

        // What the next step reads are these parameters too.
        FusedNetwork network = _gpu.Accelerator.Runs.Select(run => run.Launch.Arguments[0]).OfType<FusedNetwork>().Last();
        FusedForm form = kernels == KernelChoice.Tensor ? FusedForm.Tensor : FusedForm.Float32;
        Float4[] weights = new Float4[form.WeightFloat4s];
        network.Weights.CopyToCPU(weights);
        Assert.Equal(form.Pack(trainer.SaveState().AtGradients().Parameters), weights);
        Assert.Equal(trained, trainer.SaveState().Parameters);
        AssertSameEvaluations(host, trainer);
    }

    [Theory]
    [MemberData(nameof(Fused))]
    public void TheFusedEvaluationIsTheHosts(NetworkOptions network, KernelChoice kernels)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 27);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, Optimizer.Of<Sgd>(), examples, s_test);
        using AcceleratorTrainer trainer = Trainer(network, Optimizer.Of<Sgd>(), examples, kernels);
        host.Load(parameters);
        trainer.Load(parameters);

        AssertSameEvaluations(host, trainer);
        AssertDefined(launches: 2);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void TheLayersKernelsHaveTheHostsGradientAndEvaluation(NetworkOptions network)
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 70);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, Optimizer.Of<Sgd>(), examples, s_test);
        using AcceleratorTrainer trainer = Trainer(network, Optimizer.Of<Sgd>(), examples, KernelChoice.Layers);
        host.Load(parameters);
        trainer.Load(parameters);

        // Two slices, and one of fewer examples than threads.
        AssertSameGradients(host, trainer, 1, 67, s_noise);
        AssertSameGradients(host, trainer, 4, 3, s_distorting);
        AssertSameEvaluations(host, trainer);
        AssertDefined(launches: 12 + 13 + 2 * 5);
    }

    [Theory]
    [InlineData("sgd", false)]
    [InlineData("adamw", false)]
    [InlineData("sgd", true)]
    [InlineData("adamw", true)]
    [InlineData("muon", false)]
    [InlineData("scheduleFreeAdamw", false)]
    [InlineData("lion", false)]
    [InlineData("lion", true)]
    public void TheLayersStepsAreTheHosts(string optimizer, bool isNormalized)
    {
        Optimizer kind = Optimizer.All.Single(each => each.Name == optimizer);
        NetworkOptions network = NetworkOptions.Base1989 with { WeightNormalization = isNormalized };
        OptimizerOptions options = new(kind, 0.01);
        Examples examples = RandomNetwork.Examples(new Random(2), 12);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, kind, examples, s_test);
        using AcceleratorTrainer trainer = Trainer(network, kind, examples, KernelChoice.Layers);
        host.Load(parameters);
        trainer.Load(parameters);
        for (int step = 0; step < 2; step++)
        {
            OptimizerConstants constants = options.Constants(options.LearningRate, step);
            host.Take([new BatchStep(0, 12, constants, Perturbation.None)]);
            trainer.Take([new BatchStep(0, 12, constants, Perturbation.None)]);
        }

        AssertSameParameters(host, trainer);
        AssertDefined(launches: 2 * (isNormalized ? 15 : kind.UsesMatrices ? 14 : 12) + (kind.EvaluatesAverage ? 1 : 0));
        AssertSameEvaluations(host, trainer);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void StepsBySecondDerivativesAreTheHosts(NetworkOptions network)
    {
        OptimizerOptions options = new(Optimizer.Of<Newton>(), 0.01) { CurvatureRate = 0.5, CurvatureExamples = 7 };
        Examples examples = RandomNetwork.Examples(new Random(2), 40);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using HostTrainer host = new(network, options.Kind, examples, examples);
        using AcceleratorTrainer trainer = Trainer(network, options.Kind, examples, KernelChoice.Auto);
        host.Load(parameters);
        trainer.Load(parameters);
        BatchStep[] steps = [.. Enumerable.Range(0, 2).Select(step => new BatchStep(
            1, 36, options.Constants(options.LearningRate, step), s_noise, options.CurvatureExamplesBefore(step)))];

        host.Take(steps);
        trainer.Take(steps);

        AssertSameParameters(host, trainer);
        GradientAssert.Near(host.SaveState().States[0], trainer.SaveState().States[0], 36);
        AssertDefined(launches: 2 * (12 + 10));
    }

    public void Dispose() => _gpu.Dispose();

    private AcceleratorTrainer Trainer(
        NetworkOptions network, Optimizer kind, Examples examples, KernelChoice kernels) => new(
            _gpu.Discovery, _gpu.Device, network, kind, examples, s_test, examples.Count,
            distorts: kernels == KernelChoice.Layers, kernels: kernels);

    /// <summary>Connections of which the maps of a group do not read the same.</summary>
    private static H2Connections Connections() => new(
        [.. Enumerable.Range(0, 12).Select(map => Enumerable.Range(0, 8).Select(source => (map + source) % 12).ToArray())]);

    /// <summary>
    /// ILGPU takes the index that a thread is given for the same in all threads, and writes <c>bra.uni</c> for branches on
    /// whatever follows from it, with <c>OptimizationLevel.O2</c>: its kernels of an index cannot be held to that promise.
    /// </summary>
    private void AssertDefined(int launches)
    {
        Assert.Equal(launches, _gpu.Accelerator.Runs.Count);
        Assert.All(_gpu.Accelerator.Runs, run =>
        {
            Assert.Empty(run.Races);
            Assert.True(run.BrokenPromises.Count == 0 || run.Launch.Arguments[0] is IIndex);
        });
    }

    private static void AssertSameGradients(
        HostTrainer host, AcceleratorTrainer trainer, int start, int count, Perturbation perturbation)
    {
        float[] expected = new float[Parameters.Count];
        float[] actual = new float[Parameters.Count];
        host.Gradient(start, count, perturbation, expected);
        trainer.Gradient(start, count, perturbation, actual);
        GradientAssert.Near(expected, actual, count);
    }

    /// <summary>
    /// Rules that divide by a gradient's size turn its error into a share of the step, and that is the larger, the smaller the gradient: the
    /// tensor kernel's errors are up to 4e-6 of a part's largest.
    /// </summary>
    private static float[] AssertSameParameters(HostTrainer host, AcceleratorTrainer trainer, float[]? tensorGradient = null)
    {
        const float TwoSteps = 2 * 0.01f;
        float[] expected = new float[Parameters.Count];
        float[] actual = new float[Parameters.Count];
        host.Store(expected);
        trainer.Store(actual);
        foreach (ParameterPart part in Parameters.Parts)
        {
            float largest = tensorGradient?.Skip(part.Offset).Take(part.Count).Max(Math.Abs) ?? 0f;
            for (int i = part.Offset; i < part.Offset + part.Count; i++)
            {
                float error = largest == 0f ? 0f : 4e-6f * largest / Math.Abs(tensorGradient![i]);
                Assert.Equal(expected[i], actual[i], 1e-4f + TwoSteps * Math.Min(1f, error));
            }
        }

        return actual;
    }

    /// <summary>Of both splits, whose sums lie one behind the other.</summary>
    private static void AssertSameEvaluations(HostTrainer host, AcceleratorTrainer trainer)
    {
        Snapshot snapshot = trainer.SnapshotAsync().GetAwaiter().GetResult();
        foreach ((Evaluation expected, Evaluation actual) in new[]
        {
            (host.Evaluate(Split.Train), snapshot.Train), (host.Evaluate(Split.Test), snapshot.Test),
        })
        {
            Assert.Equal((expected.Examples, expected.Misses), (actual.Examples, actual.Misses));
            Assert.InRange(actual.Loss, expected.Loss * (1 - 1e-5), expected.Loss * (1 + 1e-5));
        }
    }
}
