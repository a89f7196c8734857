using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Families;
using GpuConvnet.Model.Layers;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Model.Verification;
using GpuConvnet.Tests.Kernels;

namespace GpuConvnet.Tests.Layers;

/// <summary>A layer and kernels of a user's own, and what the verification says of them: right ones, and each with one fault.</summary>
public class NetworkVerificationTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private static readonly NetworkOptions s_options = new(Activation.Tanh, Activation.Linear, Loss.SoftmaxCrossEntropy)
    {
        InitialWeights = InitialWeights.PyTorch,
    };

    [Fact]
    public void ALayerOfOnesOwnPassesAndTrains()
    {
        LayerNetwork network = Dense((input, parts) => new UnitGain(input, parts));
        Examples digits = BuiltinDigits.Draw(300, seed: 1);
        OptimizerOptions optimizer = new(Optimizer.AdamW, 0.02);
        StepSchedule schedule = new(optimizer, totalSteps: 100, digits.Count, batch: 50, Perturbation.None, seed: 1);
        using LayerTrainer trainer = new(network, optimizer.Kind, digits, digits, threads: 1);
        float[] parameters = network.DrawParameters(seed: 1);
        trainer.Load(parameters);
        double before = trainer.Evaluate(Split.Train).Loss;

        trainer.Take(schedule.Steps(first: 0, count: 100));

        Assert.Empty(Failures(NetworkVerification.OfGradients(network)));
        Assert.InRange(trainer.Evaluate(Split.Train).Loss, 0, 0.6 * before);
        trainer.Store(parameters);
        Assert.All(
            network.Parts.Single(part => part.Name == "gains").Of((ReadOnlySpan<float>)parameters).ToArray(),
            gain => Assert.NotEqual(1f, gain));
    }

    [Fact]
    public void AWrongGradientByALayersParametersIsNamed() => Assert.Equal(
        ["gains gradient by differences"],
        Failures(NetworkVerification.OfGradients(Dense((input, parts) => new UnitGain(input, parts) { GainFault = 1.00001 }))));

    [Fact]
    public void AGradientThatALayerForgetsIsNamed() => Assert.Equal(
        ["gains gradient by differences"],
        Failures(NetworkVerification.OfGradients(Dense((input, parts) => new UnitGain(input, parts) { GainFault = 0 }))));

    [Fact]
    public void AWrongGradientByALayersInputShowsInThoseBeforeIt() => Assert.Equal(
        ["aw gradient by differences", "ab gradient by differences"],
        Failures(NetworkVerification.OfGradients(Dense((input, parts) => new UnitGain(input, parts) { InputFault = 1.00001 }))));

    [Fact]
    public void ALayerThatForgetsWhereItBendsIsNotSaidToBeRight() => Assert.NotEmpty(
        Failures(NetworkVerification.OfGradients(Dense((input, parts) => new UnitGain(input, parts) { IsBent = true }))));

    /// <summary>The vectors that are cut for 1989, and any network's lanes: two programs of one mathematics.</summary>
    [Fact]
    public void WhatIsCutFor1989TrainsAsItsLayersDo() => Assert.Empty(Failures(NetworkVerification.OfTrainer(
        Zip1989.Create(NetworkOptions.Base1989, dropout: 0.1),
        (optimizer, train, test) => new HostTrainer(NetworkOptions.Base1989, optimizer, train, test))));

    [Fact]
    public void ATrainerThatHearsNoNoiseIsNamed() => Assert.Contains("H1w gradient", Failures(NetworkVerification.OfTrainer(
        Zip1989.Create(NetworkOptions.Base1989, dropout: 0.1),
        (optimizer, train, test) => new FaultyTrainer(new HostTrainer(NetworkOptions.Base1989, optimizer, train, test))
        {
            Hear = _ => Perturbation.None,
        })));

    [Theory]
    [InlineData(DeviceKind.Cpu)]
    [InlineData(DeviceKind.OpenCL)]
    public void KernelsOfOnesOwnPass(DeviceKind kind) =>
        Assert.Empty(Failures(OnDevice(kind, Dense((input, parts) => new UnitGain.OnDevice(input, parts)))));

    /// <summary>Maps, whose border the convolution behind them reads.</summary>
    [Theory]
    [InlineData(DeviceKind.Cpu)]
    [InlineData(DeviceKind.OpenCL)]
    public void KernelsOfOnesOwnPassBetweenConvolutions(DeviceKind kind)
    {
        LayerList layers = new();
        layers.Add(new Convolution(layers.Parts, "aw", "ab", layers.Output, 3, new ConvolutionOptions { Stride = 4 }));
        layers.AddActivation(Activation.Tanh);
        layers.Add(new UnitGain.OnDevice(layers.Output, layers.Parts));
        layers.Add(new Convolution(
            layers.Parts, "bw", "bb", layers.Output, 2, new ConvolutionOptions { Kernel = 3, Stride = 1, Padding = 1, PaddingValue = -1f }));
        layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, Shape1989.Outputs));

        Assert.Empty(Failures(OnDevice(kind, layers.ToNetwork(s_options))));
    }

    [Theory]
    [InlineData(DeviceKind.Cpu)]
    [InlineData(DeviceKind.OpenCL)]
    public void AWrongKernelIsNamed(DeviceKind kind) => Assert.Contains(
        "aw gradient", Failures(OnDevice(kind, Dense((input, parts) => new UnitGain.OnDevice(input, parts, fault: 1.001f)))));

    [Fact]
    public void ALayerWithoutKernelsIsRefusedWithTheWayToHaveSome()
    {
        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(
            () => OnDevice(DeviceKind.Cpu, Dense((input, parts) => new UnitGain(input, parts))));

        Assert.Contains("a gain for each unit", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("ILayerWithKernels", refusal.Message, StringComparison.Ordinal);
    }

    private static LayerNetwork Dense(Func<TensorShape, PartList, Layer> own)
    {
        LayerList layers = new();
        layers.Add(new Dense(layers.Parts, "aw", "ab", layers.Output, 7));
        layers.AddActivation(Activation.Tanh);
        layers.Add(own(layers.Output, layers.Parts));
        layers.Add(new Dense(layers.Parts, "outw", "outb", layers.Output, Shape1989.Outputs));
        return layers.ToNetwork(s_options);
    }

    private IReadOnlyList<VerificationCheck> OnDevice(DeviceKind kind, LayerNetwork network)
    {
        DeviceDescription device = devices.Require(kind);
        return NetworkVerification.OfTrainer(
            network,
            (optimizer, train, test) => new AcceleratorTrainer(devices.Discovery, device, network, optimizer, train, test, train.Count));
    }

    private static string[] Failures(IReadOnlyList<VerificationCheck> checks) =>
        [.. checks.Where(check => !check.Passed).Select(check => check.What)];
}
