using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Fused;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Losses;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>The step of two launches, beside the host's.</summary>
public class FusedLauncherTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private static readonly OptimizerOptions s_adamW = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
    private static readonly Perturbation s_noise = new(3, 4, maximumShift: 2, dropout: 0.25f);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 8)]
    [InlineData(0, 9)]
    [InlineData(5, 100)]
    public void ABatchOfAnySizeHasTheHostsGradient(int start, int count)
    {
        DeviceDescription description = devices.Require(DeviceKind.OpenCL);
        foreach (NetworkOptions network in new NetworkOptions[]
        {
            NetworkOptions.Base1989,
            new(Activation.Of<ReLU>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>()) { LabelSmoothing = 0.1 },
        })
        {
            Examples examples = RandomNetwork.Examples(new Random(count), start + count + 2);
            float[] parameters = RandomNetwork.Parameters(new Random(1));
            using AcceleratorTrainer device = new(
                devices.Discovery, description, network, Optimizer.Of<Sgd>(), examples, examples, count,
                kernels: KernelChoice.Fused);
            using HostTrainer host = new(network, Optimizer.Of<Sgd>(), examples, examples);
            foreach (Perturbation perturbation in new[] { Perturbation.None, s_noise })
            {
                AssertSameGradients(host, device, parameters, start, count, perturbation);
            }
        }
    }

    /// <summary>On the simulator too, with as many lanes as a group has threads: slow, so nine examples, two tiles.</summary>
    [Fact]
    [Trait("Speed", "Slow")]
    public void OnTheCpuAcceleratorItHasTheHostsGradient()
    {
        using AcceleratorDiscovery discovery = AcceleratorDiscovery.ForGroupsOf(FusedKernels.UpdateThreads, DeviceKind.Cpu);
        Examples examples = RandomNetwork.Examples(new Random(9), 9);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using AcceleratorTrainer device = new(
            discovery, Assert.Single(discovery.Devices), NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples, 9,
            kernels: KernelChoice.Fused);
        using HostTrainer host = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples);

        AssertSameGradients(host, device, parameters, 0, 9, s_noise);
    }

    [Fact]
    public void ItsStepsAreThoseOfTheLayersKernelsAndTheSameBitsAgain()
    {
        DeviceDescription description = devices.Require(DeviceKind.OpenCL);
        Examples examples = RandomNetwork.Examples(new Random(3), 333);
        float[] initial = InitialParameters.Draw(NetworkOptions.Base1989, 1337);
        float[][] results = [.. new[] { KernelChoice.Layers, KernelChoice.Fused, KernelChoice.Fused }.Select(kernels =>
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, description, NetworkOptions.Base1989, s_adamW.Kind, examples, examples, 200,
                kernels: kernels);
            Assert.Equal(kernels == KernelChoice.Fused, trainer.IsFusedStep);
            trainer.Load(initial);
            for (int step = 0; step < 30; step++)
            {
                // Batches of 200 and of 133, neither of whole tiles.
                int start = step % 2 * 200;
                trainer.Take([new BatchStep(
                    start, Math.Min(200, examples.Count - start), s_adamW.Constants(0.003, step),
                    new Perturbation(5, (uint)step, 1, 0.25f))]);
            }

            float[] result = new float[Parameters.Count];
            trainer.Store(result);
            return result;
        })];

        Assert.Equal(results[1], results[2]);
        Assert.NotEqual(results[0], results[1]);
        for (int i = 0; i < Parameters.Count; i++)
        {
            Assert.Equal(results[0][i], results[1][i], 2e-3f);
        }
    }

    [Fact]
    public void WhatItCannotTrainIsRefusedByNameOrLeftToTheLayersKernels()
    {
        DeviceDescription description = devices.Require(DeviceKind.OpenCL);
        Examples examples = RandomNetwork.Examples(new Random(3), 8);
        NetworkOptions wide = NetworkOptions.Base1989 with { Shape = new NetworkShape { H3Units = 40 } };
        NetworkOptions gelu = new(Activation.Of<Gelu>(), Activation.Of<Linear>(), Loss.Of<SoftmaxCrossEntropy>());

        InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => new AcceleratorTrainer(
            devices.Discovery, description, gelu, Optimizer.Of<Sgd>(), examples, examples, 8, kernels: KernelChoice.Fused));
        using AcceleratorTrainer layers = new(
            devices.Discovery, description, gelu, Optimizer.Of<Sgd>(), examples, examples, 8, kernels: KernelChoice.Auto);

        NotSupportedException refusalOfLayers = Assert.Throws<NotSupportedException>(() => new AcceleratorTrainer(
            devices.Discovery, description, wide, Optimizer.Of<Sgd>(), examples, examples, 8, kernels: KernelChoice.Auto));
        Assert.Contains("1989", refusalOfLayers.Message, StringComparison.Ordinal);
        Assert.Contains("GELU", refusal.Message, StringComparison.Ordinal);
        Assert.False(layers.IsFusedStep);
    }

    /// <summary>On an H200's 132 multiprocessors, which have room for 528 groups at once.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(528 * 8, 528)]
    [InlineData(528 * 8 + 1, 528)]
    [InlineData(7291, 912 - 264)]
    [InlineData(2 * 528 * 8, 528)]
    [InlineData(60000, 528)]
    public void GroupsAreAsManyAsADeviceHasWorkFor(int examples, int groups) =>
        Assert.Equal(groups, FusedKernels.Groups(examples, multiprocessors: 132));

    [Fact]
    public void EveryParameterIsPackedOnce()
    {
        int[] packed = [.. Enumerable.Range(0, FusedLayout.Float4s)
            .SelectMany(float4 => Enumerable.Range(0, 4).Select(lane => FusedLayout.Parameter(float4, lane)))
            .Where(parameter => parameter >= 0)];

        Assert.Equal(Enumerable.Range(0, Parameters.Count), packed.Order());
    }

    private static void AssertSameGradients(
        HostTrainer host, AcceleratorTrainer device, float[] parameters, int start, int count, Perturbation perturbation)
    {
        float[] expected = new float[Parameters.Count];
        float[] actual = new float[Parameters.Count];
        device.Load(parameters);
        host.Load(parameters);
        device.Gradient(start, count, perturbation, actual);
        host.Gradient(start, count, perturbation, expected);
        GradientAssert.Near(expected, actual, count);
    }
}
