using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Ensemble;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Schedules;
using GpuConvnet.Model.Simd;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Many networks at once, each beside the vector path.</summary>
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
    [InlineData("base", 1)]
    [InlineData("relu", 1)]
    [InlineData("base", 8)]
    [InlineData("momentum", 64)]
    [InlineData("relu", 5)]
    public void Each_is_where_the_reference_path_is(string experiment, int batch)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Recipe recipe = Of(experiment, 60, batch);
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        Examples test = RandomNetwork.Examples(new Random(5), 11);
        int steps = 60 / batch + 1;
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, train, test, Same(recipe, Members));

        long started = Stopwatch.GetTimestamp();
        Assert.Equal(steps, trainer.Take(0, steps));
        trainer.Evaluate();
        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        output.WriteLine($"{milliseconds / (steps * batch * Members):F3} ms a presentation, the first ones");

        AssertLikeTheReference(trainer, train, test, steps, Same(recipe, Members));
    }

    /// <summary>On the simulator too, with as many lanes as a group has threads: slow, so four presentations.</summary>
    [Theory]
    [InlineData("softmax", 1)]
    [InlineData("momentum", 1)]
    [InlineData("relu", 2)]
    public void OnTheCpuAcceleratorToo(string experiment, int batch)
    {
        using AcceleratorDiscovery discovery = AcceleratorDiscovery.ForGroupsOf(EnsembleKernels.Threads, DeviceKind.Cpu);
        Recipe recipe = Of(experiment, 4, batch);
        Examples train = RandomNetwork.Examples(new Random(4), 3);
        Examples test = RandomNetwork.Examples(new Random(5), 2);
        using EnsembleTrainer trainer = Trainer(discovery, Assert.Single(discovery.Devices), train, test, Same(recipe, 2));

        trainer.Take(0, 4 / batch);

        AssertLikeTheReference(trainer, train, test, 4 / batch, Same(recipe, 2));
    }

    /// <summary>Every member with another recipe: where the reference path is with it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Each_has_a_recipe_of_its_own(int batch)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Recipe[] recipes = Different(batch);
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, train, train, recipes);

        trainer.Take(0, 45);

        AssertLikeTheReference(trainer, train, train, 45, recipes);
        Assert.Equal(recipes.Length, trainer.Evaluate().Select(snapshot => snapshot.Train.Loss).Distinct().Count());
    }

    /// <summary>
    /// The bits of a network are those of its recipe: alone, in another place, among others, in stretches, and where it goes on from what was
    /// saved in another trainer.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_network_has_the_same_bits_whoever_is_beside_it(int batch)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Recipe[] recipes = Different(batch);
        Examples train = RandomNetwork.Examples(new Random(4), 37);
        TrainingState[] Run(Recipe[] members, params int[] stretches)
        {
            using EnsembleTrainer trainer = Trainer(devices.Discovery, device, train, train, members);
            int first = 0;
            foreach (int stretch in stretches)
            {
                trainer.Take(first, stretch);
                first += stretch;
            }

            return [.. trainer.SaveStates()];
        }

        TrainingState[] together = Run(recipes, 50);
        TrainingState[] backwards = Run([.. recipes.Reverse()], 20, 7, 23);
        TrainingState[] left = Run(recipes, 31);
        using EnsembleTrainer resumed = Trainer(devices.Discovery, device, train, train, [.. recipes.Skip(2)]);
        for (int member = 2; member < recipes.Length; member++)
        {
            resumed.Load(member - 2, left[member], recipes[member].Schedule(train.Count));
        }

        resumed.Take(31, 19);
        IReadOnlyList<TrainingState> gone = resumed.SaveStates();
        for (int member = 0; member < recipes.Length; member++)
        {
            AssertSameBits(together[member], backwards[^(member + 1)]);
            AssertSameBits(together[member], Run([recipes[member]], 50)[0]);
            if (member >= 2)
            {
                AssertSameBits(together[member], gone[member - 2]);
            }
        }

        Assert.NotEqual(together[0].Parameters, together[1].Parameters);
    }

    /// <summary>What a checkpoint holds is in the order of the parameters: the host's state, within rounding.</summary>
    [Theory]
    [InlineData("momentum")]
    [InlineData("relu")]
    public void A_saved_state_is_the_hosts(string experiment)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Recipe recipe = Of(experiment, 30, 1);
        Examples train = RandomNetwork.Examples(new Random(4), 13);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, train, train, [recipe]);
        using PerExampleTrainer host = new(recipe.Network, recipe.Optimizer.Kind, train, train, teacher: null);
        host.Load(Initial(recipe.Seed));
        StepSchedule schedule = recipe.Schedule(train.Count);

        trainer.Take(0, 30);
        host.Take(schedule.Steps(0, 30));

        TrainingState expected = host.SaveState();
        TrainingState found = trainer.SaveStates()[0];
        for (int state = 0; state < 2; state++)
        {
            float largest = expected.States[state].Max(Math.Abs);
            Assert.True(state == 1 || largest > 0);
            Assert.All(expected.States[state].Zip(found.States[state]), pair =>
                Assert.Equal(pair.First, pair.Second, 1e-4f * largest + 1e-12f));
        }
    }

    [Fact]
    public void AnEvaluationOfManySharesHasTheReferencesLossAndMisses()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Examples train = RandomNetwork.Examples(new Random(4), 1300);
        Examples test = RandomNetwork.Examples(new Random(5), 513);
        Recipe[] recipes = Same(Of("base", 1, 1), 2);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, train, test, recipes);

        AssertLikeTheReference(trainer, train, test, 0, recipes);
    }

    [Fact]
    public void LaunchesEndWithABlockAndWithThePass()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Examples whole = RandomNetwork.Examples(new Random(4), 50);
        Recipe[] recipes = Same(Of("base", 120, 1) with { Perturbation = new(0, 0, maximumShift: 1, dropout: 0f) }, 2);
        using EnsembleTrainer inMemory = Trainer(devices.Discovery, device, whole, whole, recipes);
        using EnsembleTrainer inBlocks = Trainer(devices.Discovery, device, new Blocks(whole, 20), whole, recipes);
        List<long> taken = [];

        inMemory.Take(0, 120);
        inBlocks.Take(0, 120, steps =>
        {
            taken.Add(steps);
            return true;
        });

        Assert.Equal(
            inMemory.Evaluate().Select(snapshot => snapshot.Parameters),
            inBlocks.Evaluate().Select(snapshot => snapshot.Parameters));
        Assert.Equal([20, 40, 50, 70, 90, 100, 120], taken);
    }

    /// <summary>Who is told to stop does so between two steps, although launches end in the middle of one.</summary>
    [Fact]
    public void It_stops_between_two_steps()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        Examples whole = RandomNetwork.Examples(new Random(4), 50);
        Recipe[] recipes = Same(Of("momentum", 30, 8), 2);
        using EnsembleTrainer stopped = Trainer(devices.Discovery, device, new Blocks(whole, 20), whole, recipes);
        using EnsembleTrainer straight = Trainer(devices.Discovery, device, whole, whole, recipes);

        long first = stopped.Take(0, 20, _ => false);
        stopped.Take(first, 20 - first);
        straight.Take(0, 20);

        // The first launch is told of when the second is queued, which ends after the first digits of the sixth step.
        Assert.Equal(5, first);
        Assert.Equal(
            straight.Evaluate().Select(snapshot => snapshot.Parameters), stopped.Evaluate().Select(snapshot => snapshot.Parameters));
    }

    [Fact]
    public void WhatItCannotTrainIsRefusedByName()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        using AcceleratorDiscovery fewLanes = new(DeviceKind.Cpu);
        NetworkOptions gelu = new(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());
        EnsembleRule rule = EnsembleRule.Of(s_sgd);
        Examples examples = RandomNetwork.Examples(new Random(4), 3);
        Recipe sound = Of("base", 1, 1);
        using EnsembleTrainer trainer = Trainer(devices.Discovery, device, examples, examples, [sound]);

        Assert.Contains("GELU", EnsembleTrainer.UnsupportedReason(gelu, rule), StringComparison.Ordinal);
        Assert.Contains(
            "weight normalization", EnsembleTrainer.UnsupportedReason(NetworkOptions.Base1989 with { WeightNormalization = true }, rule),
            StringComparison.Ordinal);
        Assert.Contains(
            "1989", EnsembleTrainer.UnsupportedReason(NetworkOptions.Base1989 with { Shape = new NetworkShape { H3Units = 40 } }, rule),
            StringComparison.Ordinal);
        Assert.Contains(
            "at most 64", EnsembleTrainer.UnsupportedReason(NetworkOptions.Base1989, EnsembleRule.Of(s_sgd, 65)), StringComparison.Ordinal);
        Assert.Contains(
            "256 threads", EnsembleTrainer.UnsupportedReason(fewLanes, Assert.Single(fewLanes.Devices), NetworkOptions.Base1989, rule),
            StringComparison.Ordinal);
        Assert.Null(EnsembleTrainer.UnsupportedReason(devices.Discovery, device, NetworkOptions.Base1989, rule));
        Refuses(sound with { Perturbation = new(0, 0, 0, 0f, new Distortion(5, 0, 0)) }, examples.Count, "turned, scaled or bent");
        Refuses(sound with { Order = PresentationOrder.ShuffledOnce }, examples.Count, "in the set's order");
        Refuses(sound with { Batch = 2 }, examples.Count, "1 of 3 examples here, not at 2 of 3");
        Refuses(sound, 4, "1 of 3 examples here, not at 1 of 4");

        void Refuses(Recipe recipe, int count, string reason) => Assert.Contains(
            reason,
            Assert.Throws<ArgumentException>(() => trainer.Load(0, Initial(1), recipe.Schedule(count))).Message,
            StringComparison.Ordinal);
    }

    /// <summary>A recipe, of which one example a step is presented.</summary>
    /// <param name="Network">The network.</param>
    /// <param name="Optimizer">The optimizer, its learning rate and how that falls.</param>
    /// <param name="Perturbation">What is random in a step, but for its seed.</param>
    /// <param name="TotalSteps">Where the learning rate arrives.</param>
    /// <param name="Batch">Examples of a step.</param>
    internal sealed record Recipe(
        NetworkOptions Network, OptimizerOptions Optimizer, Perturbation Perturbation, int TotalSteps, int Batch = 1)
    {
        public uint Seed { get; init; } = FirstSeed;

        public PresentationOrder Order { get; init; }

        public StepSchedule Schedule(int examples) =>
            new(Optimizer, TotalSteps, examples, Math.Min(Batch, examples), Perturbation, Seed, Order);
    }

    /// <summary>A recipe whose learning rate falls: each step has its own.</summary>
    internal static Recipe Of(string experiment, int totalSteps, int batch) => experiment switch
    {
        "base" => new(NetworkOptions.Base1989, Falling(s_sgd, 0.02), Perturbation.None, totalSteps, batch),
        "softmax" => new(s_softmax, Falling(s_sgd with { WeightDecay = 0.01 }, 0.02), Perturbation.None, totalSteps, batch),
        "momentum" => new(
            new(Activation.Of<ScaledTanh>(), Activation.Of<ScaledTanh>(), Loss.Of<SquaredError>()),
            Falling(s_sgd with { Momentum = 0.8, Nesterov = true }, 0.02), Perturbation.None, totalSteps, batch),
        _ => new(
            s_relu, Falling(new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 }, 0.001), s_shiftAndDropout, totalSteps, batch),
    };

    /// <summary>Recipes of one kind that differ in all that they may.</summary>
    internal static Recipe[] Different(int batch)
    {
        Recipe relu = Of("relu", 50, batch);
        return
        [
            relu with { Seed = 5 },
            relu with { Seed = 6, Perturbation = Perturbation.None },
            relu with { Seed = 5, Optimizer = relu.Optimizer with { WeightDecay = 0.3, Beta2 = 0.99 }, Perturbation = new(0, 0, 1, 0.5f) },
            relu with { Seed = 7, Optimizer = relu.Optimizer with { LearningRate = 0.003, Schedule = ScheduleKind.Cosine, WarmupSteps = 5 } },
            relu with { Seed = 7, Perturbation = new(0, 0, 0, 0.1f), TotalSteps = 90 },
        ];
    }

    internal static float[] Initial(uint seed) => RandomNetwork.Parameters(new Random((int)seed));

    /// <summary>Where the vector path comes to with a recipe; to be disposed.</summary>
    internal static SimdNetwork Reference(Recipe recipe, Examples train, int steps)
    {
        SimdNetwork reference = SimdNetwork.Create(recipe.Network);
        reference.Load(Initial(recipe.Seed));
        if (recipe.Batch == 1)
        {
            foreach (BatchStep step in recipe.Schedule(train.Count).Steps(0, steps))
            {
                if (recipe.Optimizer.Kind == Optimizer.Of<Sgd>())
                {
                    reference.Step<Sgd>(train, step.Start, step.Optimizer, step.Perturbation);
                }
                else
                {
                    reference.Step<Adam>(train, step.Start, step.Optimizer, step.Perturbation);
                }
            }

            return reference;
        }

        using HostTrainer host = new(recipe.Network, recipe.Optimizer.Kind, train, train, threads: 1);
        host.Load(Initial(recipe.Seed));
        host.Take(recipe.Schedule(train.Count).Steps(0, steps));
        reference.Load(host.SaveState().Parameters);
        return reference;
    }

    private static OptimizerOptions Falling(OptimizerOptions optimizer, double rate) =>
        optimizer with { LearningRate = rate, FinalLearningRate = rate / 2, Schedule = ScheduleKind.Linear };

    private static Recipe[] Same(Recipe recipe, int members) =>
        [.. Enumerable.Range(0, members).Select(member => recipe with { Seed = FirstSeed + (uint)member })];

    private static EnsembleTrainer Trainer(
        AcceleratorDiscovery discovery, DeviceDescription device, ITrainingSet train, Examples test, Recipe[] recipes)
    {
        EnsembleRule rule = EnsembleRule.Of(recipes[0].Optimizer, Math.Min(recipes[0].Batch, train.Count));
        EnsembleTrainer trainer = new(discovery, device, recipes[0].Network, rule, train, test, recipes.Length);
        for (int member = 0; member < recipes.Length; member++)
        {
            trainer.Load(member, Initial(recipes[member].Seed), recipes[member].Schedule(train.Count));
        }

        return trainer;
    }

    private static void AssertSameBits(TrainingState expected, TrainingState found)
    {
        Assert.Equal(expected.Parameters, found.Parameters);
        Assert.Equal(expected.States[0], found.States[0]);
        Assert.Equal(expected.States[1], found.States[1]);
    }

    private void AssertLikeTheReference(EnsembleTrainer trainer, Examples train, Examples test, int steps, Recipe[] recipes)
    {
        IReadOnlyList<Snapshot> snapshots = trainer.Evaluate();
        Assert.Equal((recipes.Length, trainer.Members), (snapshots.Count, trainer.Members));
        float worst = 0;
        for (int member = 0; member < trainer.Members; member++)
        {
            using SimdNetwork reference = Reference(recipes[member], train, steps);
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
