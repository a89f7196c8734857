using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Many seeds at once, each beside the vector path.</summary>
[Collection(nameof(DeviceTests))]
public class EnsembleTrainerTests(DiscoveredDevices devices, ITestOutputHelper output) : IClassFixture<DiscoveredDevices>
{
    private const int Members = 3;
    private const uint FirstSeed = 41;

    private static readonly OptimizerOptions s_sgd = new(Optimizer.Of<Sgd>(), 0.01);
    private static readonly NetworkOptions s_softmax =
        new(Activation.Of<Tanh>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());

    private static readonly NetworkOptions s_relu =
        new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 };

    private static readonly Perturbation s_shiftAndDropout = new(0, 0, maximumShift: 2, dropout: 0.25f);

    [Theory]
    [InlineData("base")]
    [InlineData("relu")]
    public void EachEnsembleIsWhereTheReferencePathIs(string experiment)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        (NetworkOptions network, OptimizerOptions optimizer, Perturbation perturbation) = Of(experiment);
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        Examples test = RandomNetwork.Examples(new Random(5), 11);
        OptimizerConstants[] steps = Steps(optimizer, 60);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, network, optimizer, train, test, Members);

        long started = Stopwatch.GetTimestamp();
        trainer.Take(Presentations(train, steps, perturbation));
        output.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalMilliseconds / (steps.Length * Members):F3} ms a presentation");

        AssertLikeTheReference(trainer, network, optimizer, perturbation, train, test, steps);
    }

    /// <summary>On the simulator too, with as many lanes as a group has threads: slow, so four presentations.</summary>
    [Theory]
    [InlineData("softmax")]
    [InlineData("momentum")]
    [InlineData("relu")]
    public void OnTheCpuAcceleratorToo(string experiment)
    {
        using AcceleratorDiscovery discovery = AcceleratorDiscovery.ForGroupsOf(EnsembleKernels.Threads, DeviceKind.Cpu);
        (NetworkOptions network, OptimizerOptions optimizer, Perturbation perturbation) = Of(experiment);
        Examples train = RandomNetwork.Examples(new Random(4), 3);
        Examples test = RandomNetwork.Examples(new Random(5), 2);
        OptimizerConstants[] steps = Steps(optimizer, 4);
        using EnsembleTrainer trainer = Trainer(
            discovery, Assert.Single(discovery.Devices), network, optimizer, train, test, 2);

        trainer.Take(Presentations(train, steps, perturbation));

        AssertLikeTheReference(trainer, network, optimizer, perturbation, train, test, steps);
    }

    [Fact]
    public void AEnsembleHasTheSameBitsAloneAmongOthersAndAgain()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        (NetworkOptions network, OptimizerOptions optimizer, Perturbation perturbation) = Of("relu");
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        BatchStep[] presentations = Presentations(train, Steps(optimizer, 50), perturbation);
        float[][] Run(int members, uint firstSeed, params int[] stretches)
        {
            using EnsembleTrainer trainer = Trainer(
                devices.Discovery, device, network, optimizer, train, train, members, firstSeed);
            int first = 0;
            foreach (int stretch in stretches)
            {
                trainer.Take(presentations.AsSpan(first, stretch));
                first += stretch;
            }

            return [.. trainer.Evaluate().Select(snapshot => snapshot.Parameters)];
        }

        float[][] together = Run(Members, FirstSeed, 50);
        float[][] again = Run(Members, FirstSeed, 20, 7, 23);
        float[][] alone = Run(1, FirstSeed + 2, 50);

        Assert.Equal(together[0], again[0]);
        Assert.Equal(together[1], again[1]);
        Assert.Equal(together[2], again[2]);
        Assert.Equal(together[2], alone[0]);
        Assert.NotEqual(together[1], together[2]);
    }

    [Fact]
    public void AnEvaluationOfManySharesHasTheReferencesLossAndMisses()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Examples train = RandomNetwork.Examples(new Random(4), 1300);
        Examples test = RandomNetwork.Examples(new Random(5), 513);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, NetworkOptions.Base1989, s_sgd, train, test, 2);

        AssertLikeTheReference(trainer, NetworkOptions.Base1989, s_sgd, Perturbation.None, train, test, []);
    }

    [Fact]
    public void LaunchesEndWithABlockAndWithThePass()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Examples whole = RandomNetwork.Examples(new Random(4), 50);
        OptimizerConstants[] steps = Steps(s_sgd, 120);
        Perturbation perturbation = new(0, 0, maximumShift: 1, dropout: 0f);
        using EnsembleTrainer inMemory = Trainer(devices.Discovery, device, NetworkOptions.Base1989, s_sgd, whole, whole, 2);
        using EnsembleTrainer inBlocks = Trainer(
            devices.Discovery, device, NetworkOptions.Base1989, s_sgd, new Blocks(whole, 20), whole, 2);
        List<int> presented = [];

        inMemory.Take(Presentations(whole, steps, perturbation));
        inBlocks.Take(Presentations(whole, steps, perturbation), presented.Add);

        Assert.Equal(
            inMemory.Evaluate().Select(snapshot => snapshot.Parameters),
            inBlocks.Evaluate().Select(snapshot => snapshot.Parameters));
        Assert.Equal([20, 40, 50, 70, 90, 100, 120], presented);
    }

    [Fact]
    public void WhatItCannotTrainIsRefusedByName()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        using AcceleratorDiscovery fewLanes = new(DeviceKind.Cpu);
        NetworkOptions gelu = new(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());
        Examples examples = RandomNetwork.Examples(new Random(4), 3);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, NetworkOptions.Base1989, s_sgd, examples, examples, 1);

        Assert.Contains("GELU", EnsembleTrainer.UnsupportedReason(gelu, Optimizer.Of<Sgd>()), StringComparison.Ordinal);
        Assert.Contains(
            "weight normalization", EnsembleTrainer.UnsupportedReason(NetworkOptions.Base1989 with { WeightNormalization = true }, Optimizer.Of<Sgd>()),
            StringComparison.Ordinal);
        Assert.Contains(
            "1989", EnsembleTrainer.UnsupportedReason(NetworkOptions.Base1989 with { Shape = new NetworkShape { H3Units = 40 } }, Optimizer.Of<Sgd>()),
            StringComparison.Ordinal);
        Assert.Contains(
            "256 threads", EnsembleTrainer.UnsupportedReason(fewLanes, Assert.Single(fewLanes.Devices), NetworkOptions.Base1989, Optimizer.Of<Sgd>()),
            StringComparison.Ordinal);
        Assert.Null(EnsembleTrainer.UnsupportedReason(devices.Discovery, device, NetworkOptions.Base1989, Optimizer.Of<Sgd>()));
        Assert.Throws<ArgumentException>(() =>
            trainer.Take(Presentations(
                examples, Steps(s_sgd, 1), new Perturbation(0, 0, 0, 0f, new Distortion(5, 0, 0)))));
    }

    private static (NetworkOptions Network, OptimizerOptions Optimizer, Perturbation Perturbation) Of(string experiment) =>
        experiment switch
        {
            "base" => (NetworkOptions.Base1989, s_sgd, Perturbation.None),
            "softmax" => (s_softmax, s_sgd with { WeightDecay = 0.01 }, Perturbation.None),
            "momentum" => (
                new(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()),
                s_sgd with { Momentum = 0.8, Nesterov = true }, Perturbation.None),
            _ => (s_relu, new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 }, s_shiftAndDropout),
        };

    // Rates that fall: each presentation has its own.
    private static OptimizerConstants[] Steps(OptimizerOptions optimizer, int count)
    {
        double rate = optimizer.Kind == Optimizer.Of<Sgd>() ? 0.02 : 0.001;
        return [.. Enumerable.Range(0, count)
            .Select(step => optimizer.Constants(rate * (1 - 0.5 * step / count), step))];
    }

    /// <summary>A run's steps, an example each; the perturbation's seed is each member's own.</summary>
    internal static BatchStep[] Presentations(Examples train, OptimizerConstants[] steps, Perturbation perturbation) =>
        [.. steps.Select((constants, step) =>
            new BatchStep(step % train.Count, 1, constants, perturbation.At(seed: 0, (uint)step)))];

    private static float[] Initial(uint seed) => RandomNetwork.Parameters(new Random((int)seed));

    private static EnsembleTrainer Trainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions network,
        OptimizerOptions optimizer,
        ITrainingSet train,
        Examples test,
        int members,
        uint firstSeed = FirstSeed)
    {
        EnsembleTrainer trainer = new(discovery, device, network, optimizer, train, test, members);
        for (int member = 0; member < members; member++)
        {
            uint seed = firstSeed + (uint)member;
            trainer.Load(member, Initial(seed), seed);
        }

        return trainer;
    }

    private void AssertLikeTheReference(
        EnsembleTrainer trainer,
        NetworkOptions network,
        OptimizerOptions optimizer,
        Perturbation perturbation,
        Examples train,
        Examples test,
        OptimizerConstants[] steps)
    {
        IReadOnlyList<Snapshot> snapshots = trainer.Evaluate();
        Assert.Equal(trainer.Members, snapshots.Count);
        float worst = 0;
        for (int member = 0; member < trainer.Members; member++)
        {
            uint seed = FirstSeed + (uint)member;
            using SimdNetwork reference = SimdNetwork.Create(network);
            reference.Load(Initial(seed));
            for (int step = 0; step < steps.Length; step++)
            {
                Perturbation drawn = perturbation.At(seed, (uint)step);
                if (optimizer.Kind == Optimizer.Of<Sgd>())
                {
                    reference.Step<Sgd>(train, step % train.Count, steps[step], drawn);
                }
                else
                {
                    reference.Step<Adam>(train, step % train.Count, steps[step], drawn);
                }
            }

            float[] expected = new float[Parameters.Count];
            reference.Store(expected);
            worst = Math.Max(worst, expected.Zip(snapshots[member].Parameters, (one, other) => Math.Abs(one - other)).Max());
            AssertSame(reference.Evaluate(train), snapshots[member].Train);
            AssertSame(reference.Evaluate(test), snapshots[member].Test);
        }

        output.WriteLine($"largest difference of a parameter: {worst:0.0e+00}");
        Assert.InRange(worst, 0f, 1e-5f);
    }

    private static void AssertSame(Evaluation expected, Evaluation found)
    {
        Assert.Equal(expected.Examples, found.Examples);
        Assert.Equal(expected.Misses, found.Misses);
        Assert.Equal(expected.Loss, found.Loss, 1e-5 * expected.Loss);
    }

    /// <summary>A set of which a block is there at a time; the last may be shorter.</summary>
    private sealed class Blocks(Examples whole, int size) : ITrainingSet
    {
        public int Count => whole.Count;

        public Examples Sample => whole;

        public Examples BlockOf(int place, out int index)
        {
            int first = place / size * size;
            int count = Math.Min(size, whole.Count - first);
            index = place - first;
            return new Examples(
                whole.Pixels.AsSpan(first * Shape1989.InputUnits, count * Shape1989.InputUnits).ToArray(),
                whole.Labels.AsSpan(first, count).ToArray(), first);
        }
    }
}
