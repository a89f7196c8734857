using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Choosing;
using GpuConvnet.Kernels.Compilation;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Activations;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Simulator.Gpu;
using GpuConvnet.Tests.Data;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Choosing;

/// <summary>Kernels that a device has, timed one beside the other: there are two kinds on any OpenCL device, fused and per layer.</summary>
public sealed class KernelChooserTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>, IDisposable
{
    private const int Batch = 24;
    private static readonly OptimizerOptions s_adamW = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };
    private static readonly Examples s_examples = RandomNetwork.Examples(new Random(3), 60);
    private static readonly float[] s_initial = InitialParameters.Draw(NetworkOptions.Base1989, 1337);

    private readonly ScratchFolder _scratch = new();

    /// <summary>By a clock that only launches of kernels move: it is the device's work that is timed, and nothing is left to chance.</summary>
    [Theory]
    [InlineData(2, 1, KernelChoice.Layers)]
    [InlineData(1, 2, KernelChoice.Fused)]
    [InlineData(1, 1, KernelChoice.Fused)]
    public void TheFasterKernelsAreChosenAndKept(double fused, double layers, KernelChoice faster)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        KernelLoader loader = devices.Discovery.Open(device);
        SteppedClock clock = new();
        int launches = 0;
        loader.Launched = kind =>
        {
            launches++;
            clock.Pass(1e-3 * (kind == KernelKind.FusedGradient ? fused : kind == KernelKind.H1Forward ? layers : 0));
        };
        try
        {
            ChosenKernels chosen = Chooser(device, clock).Choose(Trial());

            Assert.Equal((faster, true, null), (chosen.Kernels, chosen.IsNew, chosen.Problem));
            Assert.Equal([KernelChoice.Fused, KernelChoice.Layers], chosen.Choice!.Times.Select(time => time.Kernels));
            Assert.Equal([1e-3 * fused, 1e-3 * layers], chosen.Choice.Times.Select(time => Math.Round(time.Seconds, 9)));
            Assert.Empty(chosen.Choice.Refused);
            Assert.InRange(clock.Seconds, 0, KernelChooser.Budget.TotalSeconds + 0.02);

            launches = 0;
            ChosenKernels later = Chooser(device, clock).Choose(Trial());
            Assert.Equal((faster, false, 0), (later.Kernels, later.IsNew, launches));
        }
        finally
        {
            loader.Launched = null;
        }
    }

    /// <summary>Whoever trains has the same bits, be they timed before or between two steps of it.</summary>
    [Theory]
    [InlineData(KernelChoice.Fused)]
    [InlineData(KernelChoice.Layers)]
    public void ATrainingHasTheSameBitsWithAndWithout(KernelChoice kernels)
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        byte[] without = Train(() => { });
        KernelChooser chooser = Chooser(device, TimeProvider.System, TimeSpan.FromSeconds(4));
        Assert.True(chooser.Choose(Trial()).Choice!.IsDecided);

        Assert.Equal(without, Train(() => { }));
        Assert.Equal(without, Train(() => Assert.True(chooser.Choose(Trial(distorts: true)).IsNew)));

        byte[] Train(Action between)
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, device, NetworkOptions.Base1989, s_adamW.Kind, s_examples, s_examples, Batch, kernels: kernels);
            trainer.Load(s_initial);
            for (int step = 0; step < 6; step++)
            {
                trainer.Take([Step(step)]);
                if (step == 2)
                {
                    between();
                }
            }

            TrainingState state = trainer.SaveState();
            return [.. state.States.Prepend(state.Parameters).SelectMany(values => values).SelectMany(BitConverter.GetBytes)];
        }
    }

    [Fact]
    public void OneCandidateIsNotTimed()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        KernelChooser chooser = new(devices.Discovery, device, new ChoiceFolder(_scratch.In("kept"))) { Clock = new NoClock() };

        Assert.Equal(new ChosenKernels(KernelChoice.Auto), chooser.Choose(Trial()));
        Assert.False(Directory.Exists(_scratch.In("kept")));
    }

    /// <summary>There is no room for a group's memory of distorted images of so many: neither kind could train this.</summary>
    [Fact]
    public void WhatCannotBeTrainedIsLeftToTheTrainer()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        StepTrial trial = Trial(distorts: true) with { Batch = int.MaxValue / 2 };

        Assert.Equal(new ChosenKernels(KernelChoice.Auto), Chooser(device, new NoClock()).Choose(trial));
    }

    /// <summary>The very PTX of both, as a GPU would run it: tensor cores' gradient is within the bound, or they could not be chosen.</summary>
    [Fact]
    public void TensorCoresAreACandidate()
    {
        using SimulatedGpu gpu = new(kernels: KernelsOfTheRun.Folder);
        KernelChooser chooser = new(gpu.Discovery, gpu.Device, new ChoiceFolder(_scratch.In("kept"))) { Time = TimeSpan.Zero };

        ChosenKernels chosen = chooser.Choose(Trial() with { Batch = 9 });

        Assert.Empty(chosen.Choice!.Refused);
        Assert.Equal((KernelChoice.Fused, 0), (chosen.Kernels, chosen.Choice.Rounds));
    }

    [Fact]
    public void AChoiceIsOneOfADeviceADriverANetworkAnOptimizerAndABatch()
    {
        DeviceDescription device = devices.Require(DeviceKind.OpenCL);
        KernelChoice[] candidates = [KernelChoice.Fused, KernelChoice.Layers];
        string name = NameOf(device, Trial());
        string[] others =
        [
            NameOf(device with { Name = "another" }, Trial()),
            NameOf(device with { Driver = "newer" }, Trial()),
            NameOf(device with { ComputeUnits = 7 }, Trial()),
            NameOf(device, Trial() with { Batch = 25 }),
            NameOf(device, Trial(distorts: true)),
            NameOf(device, Trial() with { Optimizer = Optimizer.Of<Sgd>() }),
            NameOf(device, Trial() with { Options = NetworkOptions.Base1989 with { Hidden = Activation.Of<ReLU>() } }),
            new KernelChooser(devices.Discovery, device, new ChoiceFolder(null)).NameOf(candidates[..1], Trial()),
        ];

        Assert.Equal(name, NameOf(device with { Index = 3 }, Trial() with { Parameters = new float[Parameters.Count] }));
        Assert.Equal(1 + others.Length, others.Append(name).Distinct().Count());

        string NameOf(DeviceDescription of, StepTrial trial) =>
            new KernelChooser(devices.Discovery, of, new ChoiceFolder(null)).NameOf(candidates, trial);
    }

    [Theory]
    [InlineData(1.9e-5f, null)]
    [InlineData(2.1e-5f, "H2w")]
    [InlineData(float.NaN, "H2w")]
    [InlineData(float.PositiveInfinity, "H2w")]
    public void AGradientMayBeAsFarAwayAsVerifyAllows(float away, string? part)
    {
        float[] wanted = [.. Enumerable.Repeat(1f, Parameters.Count)];
        float[] gradient = [.. wanted];
        ParameterPart h2 = Parameters.Parts.Single(one => one.Name == "H2w");
        gradient[h2.Offset + 7] += away;

        string? difference = TrialTrainer.Difference(gradient, wanted);

        Assert.Equal(part is null, difference is null);
        Assert.Contains(part ?? "", difference ?? "", StringComparison.Ordinal);
        Assert.Null(TrialTrainer.Difference(new float[Parameters.Count], new float[Parameters.Count]));
    }

    public void Dispose() => _scratch.Dispose();

    private KernelChooser Chooser(DeviceDescription device, TimeProvider clock, TimeSpan? time = null) =>
        new(devices.Discovery, device, new ChoiceFolder(_scratch.In("kept")))
        {
            Candidates = [KernelChoice.Fused, KernelChoice.Layers],
            Clock = clock,
            Time = time ?? KernelChooser.Budget,
        };

    private static StepTrial Trial(bool distorts = false) =>
        new(NetworkOptions.Base1989, s_adamW.Kind, Batch, distorts, s_examples, Step(0), s_initial);

    private static BatchStep Step(int step) => new(
        step % 2 * Batch, Batch, s_adamW.Constants(s_adamW.LearningRate, step), new Perturbation(3, (uint)step, maximumShift: 1, dropout: 0.25f));

    /// <summary>Nothing that it times.</summary>
    private sealed class NoClock : TimeProvider
    {
        public override long GetTimestamp() => throw new InvalidOperationException("Nothing is to be timed.");
    }
}
