using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Teaching;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Training of any network by the kernels, beside the host's.</summary>
public class NetworkTrainerTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private static readonly OptimizerOptions s_adamW = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
    private static readonly Perturbation s_shifting = new(3, 4, maximumShift: 2, dropout: 0.1f);
    private static readonly Perturbation s_distorting = new(3, 4, 1, 0.1f, new Distortion(rotate: 10, scale: 0.1, elastic: 1));

    public static TheoryData<DeviceKind, string> Cases => new(
        from kind in new[] { DeviceKind.Cpu, DeviceKind.OpenCL }
        from name in LayerNetworks.All.Keys
        select (kind, name));

    [Theory]
    [MemberData(nameof(Cases))]
    public void GradientsAndEvaluationsAreTheHosts(DeviceKind kind, string name)
    {
        DeviceDescription device = devices.Require(kind);
        LayerNetwork network = LayerNetworks.All[name]();
        Examples examples = RandomNetwork.Examples(new Random(2), 75);
        using AcceleratorTrainer trainer = new(
            devices.Discovery, device, network, Optimizer.Of<Sgd>(), examples, examples, examples.Count, distorts: true);
        using LayerTrainer host = new(network, Optimizer.Of<Sgd>(), examples, examples);
        float[] parameters = LayerNetworks.Parameters(network, seed: 1);
        host.Load(parameters);
        trainer.Load(parameters);

        AssertSameGradients(network, host, trainer, 3, 67, s_shifting);
        AssertSameGradients(network, host, trainer, 70, 5, s_distorting);
        AssertSameGradients(network, host, trainer, 0, 1, Perturbation.None);
        Evaluation expected = host.Evaluate(Split.Test);
        Evaluation actual = trainer.Evaluate(Split.Test);
        Assert.Equal(expected.Misses, actual.Misses);
        Assert.Equal(expected.Loss, actual.Loss, 2e-6 * expected.Loss);
    }

    [Fact]
    public void WhatWasTrainedClassifiesOnTheHostAndStaysAsItWas()
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 40);
        LayerNetwork network = LayerNetworks.All["dense"]();
        DeviceDescription device = devices.Require(DeviceKind.Cpu);
        using AcceleratorTrainer any = new(devices.Discovery, device, network, s_adamW.Kind, examples, examples, examples.Count);
        using AcceleratorTrainer cut = new(
            devices.Discovery, device, NetworkOptions.Base1989, s_adamW.Kind, examples, examples, examples.Count);
        foreach ((AcceleratorTrainer trainer, float[] initial) in new[]
        {
            (any, network.DrawParameters(seed: 1)), (cut, InitialParameters.Draw(NetworkOptions.Base1989, seed: 1)),
        })
        {
            trainer.Load(initial);
            trainer.Take([new BatchStep(0, examples.Count, s_adamW.Constants(0.01, step: 0), Perturbation.None)]);
            Evaluation expected = trainer.Evaluate(Split.Test);

            using INetwork classifier = trainer.CreateClassifier();
            trainer.Load(initial);

            Assert.NotEqual(expected.Loss, trainer.Evaluate(Split.Test).Loss, 1e-4);
            Assert.Equal(expected.Loss, classifier.Evaluate(examples).Loss, 2e-6 * expected.Loss);
        }
    }

    public static TheoryData<DeviceKind, string> TaughtCases => new(
        from kind in new[] { DeviceKind.Cpu, DeviceKind.OpenCL }
        from name in TaughtNetworks.Names
        select (kind, (string)name));

    [Theory]
    [MemberData(nameof(TaughtCases))]
    public void WhatATeacherSaysMakesTheHostsGradients(DeviceKind kind, string name)
    {
        DeviceDescription device = devices.Require(kind);
        (LayerNetwork network, Teacher teacher) = TaughtNetworks.Of(name);
        Examples examples = RandomNetwork.Examples(new Random(2), 75);
        using AcceleratorTrainer trainer = new(
            devices.Discovery, device, network, Optimizer.Of<Sgd>(), examples, examples, examples.Count, distorts: true, teacher: teacher);
        using LayerTrainer host = new(network, Optimizer.Of<Sgd>(), examples, examples, teacher: teacher);
        float[] parameters = LayerNetworks.Parameters(network, seed: 1);
        host.Load(parameters);
        trainer.Load(parameters);

        AssertSameGradients(network, host, trainer, 3, 67, s_shifting);
        AssertSameGradients(network, host, trainer, 70, 5, s_distorting);
        AssertSameGradients(network, host, trainer, 0, 1, Perturbation.None);
    }

    [Fact]
    public void KernelsCutFor1989KnowNoTeacher()
    {
        Examples examples = RandomNetwork.Examples(new Random(2), 5);

        NotSupportedException refusal = Assert.Throws<NotSupportedException>(() => new AcceleratorTrainer(
            devices.Discovery, devices.Require(DeviceKind.Cpu), NetworkOptions.Base1989 with { Distillation = new Distillation() },
            Optimizer.Of<Sgd>(), examples, examples, 5));

        Assert.Contains("teacher", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, "1989, cross entropy, dropout")]
    [InlineData(DeviceKind.Cpu, "convolutions")]
    [InlineData(DeviceKind.OpenCL, "1989, cross entropy, dropout")]
    [InlineData(DeviceKind.OpenCL, "convolutions")]
    public void TwentyStepsAreTheHosts(DeviceKind kind, string name) =>
        AssertSameSteps(kind, LayerNetworks.All[name]());

    [Fact]
    public void TwentyStepsOfWidthTwoAreTheHosts() => AssertSameSteps(
        DeviceKind.OpenCL, LayerNetworks.OfWidthTwo());

    /// <summary>Of width two, a matrix of 60 x 384 is too large for the chip; on ILGPU's CPU accelerator none is kept there.</summary>
    [Theory]
    [InlineData(DeviceKind.Cpu, "muon")]
    [InlineData(DeviceKind.OpenCL, "muon")]
    [InlineData(DeviceKind.OpenCL, "scheduleFreeAdamw")]
    [InlineData(DeviceKind.OpenCL, "lion")]
    public void StepsOfOptimizersThatMoveMoreThanAParameterAreTheHosts(DeviceKind kind, string optimizer)
    {
        DeviceDescription device = devices.Require(kind);
        OptimizerOptions options = new(Optimizer.All.Single(each => each.Name == optimizer), 0.002) { WeightDecay = 0.1 };
        Examples examples = RandomNetwork.Examples(new Random(2), 20);
        List<LayerNetwork> networks = [LayerNetworks.All["convolutions"]()];
        if (kind != DeviceKind.Cpu)
        {
            networks.Add(LayerNetworks.OfWidthTwo());
        }

        foreach (LayerNetwork network in networks)
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, device, network, options.Kind, examples, examples, examples.Count);
            using LayerTrainer host = new(network, options.Kind, examples, examples);
            AssertSameTraining(network.Parts, LayerNetworks.Parameters(network, seed: 1), options, host, trainer);
        }
    }

    [Theory]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Layers, "muon")]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Fused, "muon")]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Layers, "scheduleFreeAdamw")]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Fused, "scheduleFreeAdamw")]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Fused, "lion")]
    public void TheyAreOfTheNetworkOf1989(DeviceKind kind, KernelChoice kernels, string optimizer)
    {
        DeviceDescription device = devices.Require(kind);
        OptimizerOptions options = new(Optimizer.All.Single(each => each.Name == optimizer), 0.002) { WeightDecay = 0.1 };
        Examples examples = RandomNetwork.Examples(new Random(2), 20);
        using AcceleratorTrainer trainer = new(
            devices.Discovery, device, NetworkOptions.Base1989, options.Kind, examples, examples, examples.Count, kernels: kernels);
        using HostTrainer host = new(NetworkOptions.Base1989, options.Kind, examples, examples);
        AssertSameTraining(Parameters.Parts, RandomNetwork.Parameters(new Random(1)), options, host, trainer);
    }

    /// <summary>Images that are distorted at first and then no longer, in one queue of steps.</summary>
    [Theory]
    [InlineData(DeviceKind.Cpu, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Fused)]
    [InlineData(DeviceKind.OpenCL, KernelChoice.Auto)]
    public void StepsThatCeaseToDistortAreTheHosts(DeviceKind kind, KernelChoice kernels)
    {
        DeviceDescription device = devices.Require(kind);
        Examples examples = RandomNetwork.Examples(new Random(2), 20);
        StepSchedule schedule = new(s_adamW, totalSteps: 4, 20, batch: 20, s_distorting, seed: 9, undistorted: 0.25);
        LayerNetwork network = LayerNetworks.All["convolutions"]();
        bool is1989 = kernels != KernelChoice.Auto;
        using AcceleratorTrainer trainer = is1989
            ? new(
                devices.Discovery, device, NetworkOptions.Base1989, s_adamW.Kind, examples, examples, examples.Count,
                distorts: true, kernels: kernels)
            : new(devices.Discovery, device, network, s_adamW.Kind, examples, examples, examples.Count, distorts: true);
        using ITrainer host = is1989
            ? new HostTrainer(NetworkOptions.Base1989, s_adamW.Kind, examples, examples)
            : new LayerTrainer(network, s_adamW.Kind, examples, examples);
        BatchStep[] steps = [.. schedule.Steps(0, 4)];

        Assert.Equal([true, true, true, false], steps.Select(step => step.Perturbation.Distorts));
        AssertSameTraining(
            is1989 ? Parameters.Parts : network.Parts,
            is1989 ? RandomNetwork.Parameters(new Random(1)) : LayerNetworks.Parameters(network, seed: 1),
            steps, host, trainer);
    }

    private static void AssertSameTraining(
        IReadOnlyList<ParameterPart> parts, float[] start, OptimizerOptions options, ITrainer host, AcceleratorTrainer trainer) =>
        AssertSameTraining(
            parts, start,
            [.. Enumerable.Range(0, 4).Select(step => new BatchStep(0, 20, options.Constants(0.002, step), Perturbation.None))],
            host, trainer);

    /// <summary>Steps, and an evaluation and the parameters after them; then what was saved goes on to the very bits.</summary>
    private static void AssertSameTraining(
        IReadOnlyList<ParameterPart> parts, float[] start, BatchStep[] steps, ITrainer host, AcceleratorTrainer trainer)
    {
        float[][] results = [new float[start.Length], new float[start.Length], new float[start.Length]];
        host.Load(start);
        trainer.Load(start);
        host.Take(steps);
        trainer.Take(steps.AsSpan(0, 2));
        TrainingState saved = trainer.SaveState();
        trainer.Take(steps.AsSpan(2));
        host.Store(results[0]);
        trainer.Store(results[1]);
        foreach (ParameterPart part in parts)
        {
            GradientAssert.Near(part, results[0], results[1], 2e-4f);
        }

        Evaluation expected = host.Evaluate(Split.Test);
        Snapshot snapshot = trainer.SnapshotAsync().GetAwaiter().GetResult();
        Assert.Equal(expected.Loss, snapshot.Test.Loss, 1e-4 * expected.Loss);
        Assert.Equal(results[1], snapshot.Parameters);
        trainer.Load(start);
        trainer.LoadState(saved);
        trainer.Take(steps.AsSpan(2));
        trainer.Store(results[2]);
        Assert.Equal(results[1], results[2]);
    }

    /// <summary>A batch that goes through in parts has the very bits of one that goes through at once.</summary>
    [Fact]
    public void MemoryMakesNoDifferenceToTheBits()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        LayerNetwork network = Zip1989.Create(NetworkOptions.Base1989);
        Examples examples = RandomNetwork.Examples(new Random(2), 300);
        List<float[]> gradients = [];
        List<int> rooms = [];
        foreach (long memory in new[] { 1L << 20, 1L << 30 })
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, device, network, Optimizer.Of<Sgd>(), examples, examples, 300, memoryLimit: memory);
            float[] gradient = new float[network.ParameterCount];
            trainer.Load(LayerNetworks.Parameters(network, seed: 1));
            trainer.Gradient(0, 300, Perturbation.None, gradient);
            gradients.Add(gradient);
            rooms.Add(trainer.Plan.Stride);
        }

        Assert.InRange(rooms[0], 32, 100);
        Assert.InRange(rooms[1], 101, 320);
        Assert.Equal(gradients[0], gradients[1]);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        DeviceDescription device = devices.Require(DeviceKind.Cpu);
        Examples examples = RandomNetwork.Examples(new Random(2), 5);

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => new AcceleratorTrainer(
            devices.Discovery, device, Zip1989.Create(NetworkOptions.Base1989), Optimizer.Of<Sgd>(), examples, examples, 5,
            memoryLimit: 1000));

        Assert.Contains("A slice of the batch", failure.Message, StringComparison.Ordinal);
    }

    private void AssertSameSteps(DeviceKind kind, LayerNetwork network)
    {
        DeviceDescription device = devices.Require(kind);
        Examples examples = RandomNetwork.Examples(new Random(2), 40);
        using AcceleratorTrainer trainer = new(
            devices.Discovery, device, network, s_adamW.Kind, examples, examples, examples.Count);
        using LayerTrainer host = new(network, s_adamW.Kind, examples, examples);
        float[][] results = [new float[network.ParameterCount], new float[network.ParameterCount]];
        foreach ((int index, ITrainer each) in new ITrainer[] { host, trainer }.Index())
        {
            each.Load(LayerNetworks.Parameters(network, seed: 1));
            for (int step = 0; step < 20; step++)
            {
                each.Take([new BatchStep(0, 40, s_adamW.Constants(0.002, step), new Perturbation(1, (uint)step, 1, 0.1f))]);
            }

            each.Store(results[index]);
        }

        foreach (ParameterPart part in network.Parts)
        {
            GradientAssert.Near(part, results[0], results[1], 1e-4f);
        }
    }

    private static void AssertSameGradients(
        LayerNetwork network, LayerTrainer host, AcceleratorTrainer trainer, int start, int count, Perturbation perturbation)
    {
        float[] expected = new float[network.ParameterCount];
        float[] actual = new float[network.ParameterCount];
        host.Gradient(start, count, perturbation, expected);
        trainer.Gradient(start, count, perturbation, actual);
        foreach (ParameterPart part in network.Parts)
        {
            GradientAssert.Near(part, expected, actual, 1e-5f);
        }
    }
}
