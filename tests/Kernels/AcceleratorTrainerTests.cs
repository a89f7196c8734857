using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Oracle;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Training by the kernels, beside the host's.</summary>
public class AcceleratorTrainerTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private static readonly OptimizerOptions s_adamW = new(Optimizer.Of<AdamW>(), 0.01) { WeightDecay = 0.1 };

    [Fact]
    public void HostAndOpenClAgreeAfterFiftyFullBatchSteps()
    {
        DeviceDescription openCl = devices.Require(DeviceKind.OpenCL);
        Examples train = BuiltinDigits.Draw(600, 1);
        Examples test = BuiltinDigits.Draw(200, 2);
        float[] initial = InitialParameters.Draw(NetworkOptions.Base1989, 1337);
        using AcceleratorTrainer device = new(
            devices.Discovery, openCl, NetworkOptions.Base1989, s_adamW.Kind, train, test, train.Count);
        using HostTrainer host = new(NetworkOptions.Base1989, s_adamW.Kind, train, test);

        foreach (ITrainer trainer in new ITrainer[] { device, host })
        {
            trainer.Load(initial);
            for (int step = 0; step < 50; step++)
            {
                trainer.Take([new BatchStep(0, train.Count, s_adamW.Constants(0.01, step), Perturbation.None)]);
            }
        }

        Evaluation expected = host.Evaluate(Split.Test);
        Evaluation actual = device.Evaluate(Split.Test);
        Assert.InRange(actual.Loss, expected.Loss * (1 - 1e-4), expected.Loss * (1 + 1e-4));
        Assert.InRange(actual.Misses, expected.Misses - 1, expected.Misses + 1);
        Assert.InRange(expected.Misses, 0, 100);
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, 1, 1, 0)]
    [InlineData(DeviceKind.Cpu, 2, 9, 0)]
    [InlineData(DeviceKind.Cpu, 0, 33, 0)]
    [InlineData(DeviceKind.Cpu, 0, 2, 1)]
    [InlineData(DeviceKind.OpenCL, 3, 64, 0)]
    [InlineData(DeviceKind.OpenCL, 0, 131, 128)]
    [InlineData(DeviceKind.OpenCL, 1, 300, 64)]
    public void ABatchOfAnySizeHasTheHostsGradient(DeviceKind kind, int start, int count, int groupThreads)
    {
        DeviceDescription description = devices.Require(kind);
        Examples examples = RandomNetwork.Examples(new Random(count), start + count + 2);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using AcceleratorTrainer device = new(
            devices.Discovery, description, NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples, count,
            groupThreads: groupThreads, kernels: KernelChoice.Layers);
        using HostTrainer host = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples);
        float[] expected = new float[Parameters.Count];
        float[] actual = new float[Parameters.Count];
        device.Load(parameters);
        host.Load(parameters);
        Perturbation perturbation = new(3, 4, maximumShift: 2, dropout: 0.1f);

        device.Gradient(start, count, perturbation, actual);
        host.Gradient(start, count, perturbation, expected);

        float largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5f * largest);
        }

        Evaluation expectedEvaluation = host.Evaluate(Split.Train);
        Evaluation evaluation = device.Evaluate(Split.Train);
        Assert.Equal(expectedEvaluation.Misses, evaluation.Misses);
        Assert.Equal(expectedEvaluation.Loss, evaluation.Loss, 2e-6 * expectedEvaluation.Loss);
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, 20, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, 100, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, 100, KernelChoice.Fused)]
    public async Task ASnapshotIsOfTheStepsBeforeItWhateverFollows(DeviceKind kind, int count, KernelChoice kernels)
    {
        DeviceDescription description = devices.Require(kind);
        Examples train = RandomNetwork.Examples(new Random(5), count);
        Examples test = RandomNetwork.Examples(new Random(6), count / 2);
        float[] initial = RandomNetwork.Parameters(new Random(7));
        List<Task<Snapshot>> asked = [];
        List<float[]> stored = [];
        List<(Evaluation Train, Evaluation Test)> evaluations = [];

        // Once with the questions in flight, once standing still after every step.
        foreach (bool standing in new[] { false, true })
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, description, NetworkOptions.Base1989, s_adamW.Kind, train, test, count, kernels: kernels);
            trainer.Load(initial);
            for (int step = 0; step < 4; step++)
            {
                trainer.Take([new BatchStep(0, count, s_adamW.Constants(0.01, step), Perturbation.None)]);
                if (standing)
                {
                    stored.Add(new float[Parameters.Count]);
                    trainer.Store(stored[^1]);
                    evaluations.Add((trainer.Evaluate(Split.Train), trainer.Evaluate(Split.Test)));
                }
                else
                {
                    asked.Add(trainer.SnapshotAsync());
                }
            }
        }

        Snapshot[] snapshots = await Task.WhenAll(asked);
        Assert.Equal(stored, snapshots.Select(snapshot => snapshot.Parameters));
        Assert.Equal(evaluations, snapshots.Select(snapshot => (snapshot.Train, snapshot.Test)));
        Assert.All(snapshots, snapshot => Assert.True(snapshot.StepsDone <= snapshot.Done));
        Assert.NotEqual(stored[0], stored[1]);
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, 2, 5, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, 3, 130, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, 3, 130, KernelChoice.Fused)]
    public void DistortedImagesAndTheirGradientAreTheHosts(DeviceKind kind, int start, int count, KernelChoice kernels)
    {
        DeviceDescription description = devices.Require(kind);
        Examples examples = RandomNetwork.Examples(new Random(count), start + count + 2);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        Perturbation perturbation = new(3, 4, maximumShift: 2, dropout: 0.1f, new Distortion(25, 0.2, 0.9));
        using AcceleratorTrainer device = new(
            devices.Discovery, description, NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples, count,
            distorts: true, kernels: kernels);
        using HostTrainer host = new(NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples);
        float[] expected = new float[Parameters.Count];
        float[] actual = new float[Parameters.Count];
        float[] image = new float[Shape1989.InputUnits];
        device.Load(parameters);
        host.Load(parameters);

        float[] images = ((IStepTrace)device).Images(start, count, perturbation);
        device.Gradient(start, count, perturbation, actual);
        host.Gradient(start, count, perturbation, expected);

        for (int example = 0; example < count; example++)
        {
            ImageDistorter.Distort(perturbation, start + example, examples.Image(start + example), image);
            for (int pixel = 0; pixel < image.Length; pixel++)
            {
                Assert.Equal(image[pixel], images[pixel * count + example], 5e-7f);
            }
        }

        float largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5f * largest);
        }
    }

    [Fact]
    public void NoiseThatATrainerWasNotCreatedForIsRefused()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 2);
        using AcceleratorTrainer trainer = new(
            devices.Discovery, devices.Require(DeviceKind.Cpu), NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples,
            examples, 2);

        Assert.Throws<InvalidOperationException>(() => trainer.Gradient(
            0, 2, new Perturbation(1, 1, 0, 0f, new Distortion(5, 0, 0)), new float[Parameters.Count]));
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, 40, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, 200, KernelChoice.Layers)]
    [InlineData(DeviceKind.OpenCL, 200, KernelChoice.Fused)]
    public void EveryRunEndsWithTheSameBits(DeviceKind kind, int count, KernelChoice kernels)
    {
        DeviceDescription description = devices.Require(kind);
        Examples examples = RandomNetwork.Examples(new Random(2), count);
        float[] initial = RandomNetwork.Parameters(new Random(3));
        float[][] results = [.. Enumerable.Range(0, 3).Select(_ =>
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, description, NetworkOptions.Base1989, s_adamW.Kind, examples, examples, count,
                kernels: kernels);
            trainer.Load(initial);
            for (int step = 0; step < 3; step++)
            {
                trainer.Take([new BatchStep(0, count, s_adamW.Constants(0.01, step), new Perturbation(4, (uint)step, 1, 0.25f))]);
            }

            float[] parameters = new float[Parameters.Count];
            trainer.Store(parameters);
            return parameters;
        })];

        Assert.All(results, result => Assert.Equal(results[0], result));
        Assert.NotEqual(initial, results[0]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(256)]
    public void AGroupOfThreadsThatCannotBeIsRefused(int groupThreads)
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 2);
        DeviceDescription description = devices.Require(DeviceKind.Cpu);

        Assert.Throws<ArgumentOutOfRangeException>(() => new AcceleratorTrainer(
            devices.Discovery, description, NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples, 2,
            groupThreads: groupThreads));
    }

    [Fact]
    public void ABatchThatCannotFitIsRefusedBeforeAnythingIsAllocated()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 64);
        DeviceDescription description = devices.Require(DeviceKind.Cpu);

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => new AcceleratorTrainer(
            devices.Discovery, description, NetworkOptions.Base1989, Optimizer.Of<Sgd>(), examples, examples, 64,
            memoryLimit: 10_000));

        Assert.Contains("smaller --batch", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7_291, long.MaxValue, 1)]
    [InlineData(60_000, long.MaxValue, 1)]
    [InlineData(7_291, 20_000_000, 4)]
    [InlineData(60_000, 20_000_000, 32)]
    [InlineData(1, long.MaxValue, 1)]
    [InlineData(100, 500_000, 3)]
    public void APlanCoversEverySliceOnceWithinItsMemory(int batch, long available, int parts)
    {
        const long BytesPerExample = 8_768;
        MemoryPlan plan = MemoryPlan.For(batch, BytesPerExample, available);

        int slices = default(GradientSlices).Count(batch);
        int found = 0;
        for (int first = 0, together; first < slices; first += together, found++)
        {
            together = plan.SlicesFrom(first, batch);
            int examples = default(GradientSlices).Start(first + together, batch) - default(GradientSlices).Start(first, batch);
            Assert.InRange(examples, 1, plan.Stride);
        }

        Assert.Equal(parts, found);
        Assert.True(plan.Bytes <= available);
        Assert.Equal(batch, default(GradientSlices).Start(slices, batch));
    }
}
