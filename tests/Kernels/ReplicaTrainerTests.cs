using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Replicas;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Reference;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Many seeds at once, each beside the reference path.</summary>
[Collection(nameof(DeviceTests))]
public class ReplicaTrainerTests(DiscoveredDevices devices, ITestOutputHelper output) : IClassFixture<DiscoveredDevices>
{
    private const int Replicas = 3;
    private const uint FirstSeed = 41;

    private static readonly OptimizerOptions s_sgd = new(OptimizerKind.Sgd);
    private static readonly NetworkOptions s_softmax =
        new(HiddenActivation.Tanh, OutputActivation.Linear, Loss.CrossEntropy);

    private static readonly NetworkOptions s_relu =
        new(HiddenActivation.ReLU, OutputActivation.Linear, Loss.CrossEntropy) { LabelSmoothing = 0.1 };

    private static readonly Noise s_shiftAndDropout = new(0, 0, maximumShift: 2, dropout: 0.25f);

    [Theory]
    [InlineData("base")]
    [InlineData("relu")]
    public void EachReplicaIsWhereTheReferencePathIs(string experiment)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        (NetworkOptions network, OptimizerOptions optimizer, Noise noise) = Of(experiment);
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        Examples test = RandomNetwork.Examples(new Random(5), 11);
        OptimizerStep[] steps = Steps(optimizer, 60);
        using ReplicaTrainer trainer = Trainer(devices.Discovery, device, network, optimizer, train, test, Replicas);

        long started = Stopwatch.GetTimestamp();
        trainer.Train(0, steps, noise);
        output.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalMilliseconds / (steps.Length * Replicas):F3} ms a presentation");

        AssertLikeTheReference(trainer, network, optimizer, noise, train, test, steps);
    }

    /// <summary>On the simulator too, with as many lanes as a group has threads: slow, so four presentations.</summary>
    [Theory]
    [InlineData("softmax")]
    [InlineData("momentum")]
    [InlineData("relu")]
    public void OnTheCpuAcceleratorToo(string experiment)
    {
        using AcceleratorDiscovery discovery = AcceleratorDiscovery.ForGroupsOf(ReplicaKernels.Threads, DeviceKind.Cpu);
        (NetworkOptions network, OptimizerOptions optimizer, Noise noise) = Of(experiment);
        Examples train = RandomNetwork.Examples(new Random(4), 3);
        Examples test = RandomNetwork.Examples(new Random(5), 2);
        OptimizerStep[] steps = Steps(optimizer, 4);
        using ReplicaTrainer trainer = Trainer(
            discovery, Assert.Single(discovery.Devices), network, optimizer, train, test, 2);

        trainer.Train(0, steps, noise);

        AssertLikeTheReference(trainer, network, optimizer, noise, train, test, steps);
    }

    [Fact]
    public void AReplicaHasTheSameBitsAloneAmongOthersAndAgain()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        (NetworkOptions network, OptimizerOptions optimizer, Noise noise) = Of("relu");
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        OptimizerStep[] steps = Steps(optimizer, 50);
        float[][] Run(int replicas, uint firstSeed, params int[] stretches)
        {
            using ReplicaTrainer trainer = Trainer(
                devices.Discovery, device, network, optimizer, train, train, replicas, firstSeed);
            int first = 0;
            foreach (int stretch in stretches)
            {
                trainer.Train(first, steps.AsSpan(first, stretch), noise);
                first += stretch;
            }

            return [.. trainer.Evaluate().Select(snapshot => snapshot.Parameters)];
        }

        float[][] together = Run(Replicas, FirstSeed, 50);
        float[][] again = Run(Replicas, FirstSeed, 20, 7, 23);
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
        using ReplicaTrainer trainer = Trainer(devices.Discovery, device, NetworkOptions.Base1989, s_sgd, train, test, 2);

        AssertLikeTheReference(trainer, NetworkOptions.Base1989, s_sgd, Noise.None, train, test, []);
    }

    [Fact]
    public void LaunchesEndWithABlockAndWithThePass()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Examples whole = RandomNetwork.Examples(new Random(4), 50);
        OptimizerStep[] steps = Steps(s_sgd, 120);
        Noise noise = new(0, 0, maximumShift: 1, dropout: 0f);
        using ReplicaTrainer inMemory = Trainer(devices.Discovery, device, NetworkOptions.Base1989, s_sgd, whole, whole, 2);
        using ReplicaTrainer inBlocks = Trainer(
            devices.Discovery, device, NetworkOptions.Base1989, s_sgd, new Blocks(whole, 20), whole, 2);
        List<int> presented = [];

        inMemory.Train(0, steps, noise);
        inBlocks.Train(0, steps, noise, presented.Add);

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
        NetworkOptions gelu = new(HiddenActivation.Gelu, OutputActivation.Linear, Loss.CrossEntropy);
        Examples examples = RandomNetwork.Examples(new Random(4), 3);
        using ReplicaTrainer trainer = Trainer(devices.Discovery, device, NetworkOptions.Base1989, s_sgd, examples, examples, 1);

        Assert.Contains("GELU", ReplicaTrainer.Obstacle(gelu), StringComparison.Ordinal);
        Assert.Contains(
            "weight normalization", ReplicaTrainer.Obstacle(NetworkOptions.Base1989 with { WeightNormalization = true }),
            StringComparison.Ordinal);
        Assert.Contains(
            "256 threads", ReplicaTrainer.Obstacle(fewLanes, Assert.Single(fewLanes.Devices), NetworkOptions.Base1989),
            StringComparison.Ordinal);
        Assert.Null(ReplicaTrainer.Obstacle(devices.Discovery, device, NetworkOptions.Base1989));
        Assert.Throws<ArgumentException>(() =>
            trainer.Train(0, Steps(s_sgd, 1), new Noise(0, 0, 0, 0f, new Distortion(5, 0, 0))));
    }

    private static (NetworkOptions Network, OptimizerOptions Optimizer, Noise Noise) Of(string experiment) =>
        experiment switch
        {
            "base" => (NetworkOptions.Base1989, s_sgd, Noise.None),
            "softmax" => (s_softmax, s_sgd with { WeightDecay = 0.01 }, Noise.None),
            "momentum" => (
                new(HiddenActivation.ScaledTanh, OutputActivation.ScaledTanh, Loss.Mse),
                s_sgd with { Momentum = 0.8, Nesterov = true }, Noise.None),
            _ => (s_relu, new(OptimizerKind.AdamW, WeightDecay: 0.1), s_shiftAndDropout),
        };

    // Rates that fall: each presentation has its own.
    private static OptimizerStep[] Steps(OptimizerOptions optimizer, int count)
    {
        double rate = optimizer.Kind == OptimizerKind.Sgd ? 0.02 : 0.001;
        return [.. Enumerable.Range(0, count)
            .Select(step => new OptimizerStep(optimizer, rate * (1 - 0.5 * step / count), step))];
    }

    private static float[] Initial(uint seed) => RandomNetwork.Parameters(new Random((int)seed));

    private static ReplicaTrainer Trainer(
        AcceleratorDiscovery discovery,
        DeviceDescription device,
        NetworkOptions network,
        OptimizerOptions optimizer,
        ITrainingSet train,
        Examples test,
        int replicas,
        uint firstSeed = FirstSeed)
    {
        ReplicaTrainer trainer = new(discovery, device, network, optimizer, train, test, replicas);
        for (int replica = 0; replica < replicas; replica++)
        {
            uint seed = firstSeed + (uint)replica;
            trainer.Load(replica, Initial(seed), seed);
        }

        return trainer;
    }

    private void AssertLikeTheReference(
        ReplicaTrainer trainer,
        NetworkOptions network,
        OptimizerOptions optimizer,
        Noise noise,
        Examples train,
        Examples test,
        OptimizerStep[] steps)
    {
        IReadOnlyList<Snapshot> snapshots = trainer.Evaluate();
        Assert.Equal(trainer.Replicas, snapshots.Count);
        float worst = 0;
        for (int replica = 0; replica < trainer.Replicas; replica++)
        {
            uint seed = FirstSeed + (uint)replica;
            using ReferencePath reference = ReferencePath.Create(network);
            reference.Load(Initial(seed));
            for (int step = 0; step < steps.Length; step++)
            {
                Noise drawn = noise.At(seed, (uint)step);
                if (optimizer.Kind == OptimizerKind.Sgd)
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
            worst = Math.Max(worst, expected.Zip(snapshots[replica].Parameters, (one, other) => Math.Abs(one - other)).Max());
            AssertSame(reference.Evaluate(train), snapshots[replica].Train);
            AssertSame(reference.Evaluate(test), snapshots[replica].Test);
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
