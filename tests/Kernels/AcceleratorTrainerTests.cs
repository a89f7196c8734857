using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.FullBatch;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Trainer.Data.Builtin;

namespace GpuConvnet.Tests.Kernels;

/// <summary>Training by the kernels, beside the host's.</summary>
[Collection(nameof(DeviceTests))]
public class AcceleratorTrainerTests
{
    private static readonly OptimizerOptions s_adamW = new(OptimizerKind.AdamW, WeightDecay: 0.1);

    [Fact]
    public void HostAndOpenClAgreeAfterFiftyFullBatchSteps()
    {
        VerificationTests.RequireDevice("opencl");
        Examples train = BuiltinDigits.Draw(600, 1);
        Examples test = BuiltinDigits.Draw(200, 2);
        float[] initial = InitialParameters.Draw(NetworkOptions.Base1989, 1337);
        using AcceleratorDiscovery discovery = new(DeviceKind.OpenCL);
        using AcceleratorTrainer device = new(
            discovery, discovery.Devices[0], NetworkOptions.Base1989, s_adamW.Kind, train, test, train.Count);
        using HostTrainer host = new(NetworkOptions.Base1989, s_adamW.Kind, train, test);

        foreach (IBatchTrainer trainer in new IBatchTrainer[] { device, host })
        {
            trainer.Load(initial);
            for (int step = 0; step < 50; step++)
            {
                trainer.Step(0, train.Count, new OptimizerStep(s_adamW, 0.01, step), Noise.None);
            }
        }

        Evaluation expected = host.Evaluate(Split.Test);
        Evaluation actual = device.Evaluate(Split.Test);
        Assert.InRange(actual.Loss, expected.Loss * (1 - 1e-4), expected.Loss * (1 + 1e-4));
        Assert.InRange(actual.Misses, expected.Misses - 1, expected.Misses + 1);
        Assert.InRange(expected.Misses, 0, 100);
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, 1, 1)]
    [InlineData(DeviceKind.Cpu, 2, 9)]
    [InlineData(DeviceKind.Cpu, 0, 33)]
    [InlineData(DeviceKind.OpenCL, 3, 64)]
    [InlineData(DeviceKind.OpenCL, 0, 131)]
    public void ABatchOfAnySizeHasTheHostsGradient(DeviceKind kind, int start, int count)
    {
        VerificationTests.RequireDevice(kind == DeviceKind.OpenCL ? "opencl" : "cpu");
        Examples examples = RandomNetwork.Examples(new Random(count), start + count + 2);
        float[] parameters = RandomNetwork.Parameters(new Random(1));
        using AcceleratorDiscovery discovery = new(kind);
        using AcceleratorTrainer device = new(
            discovery, discovery.Devices[0], NetworkOptions.Base1989, OptimizerKind.Sgd, examples, examples, count);
        using HostTrainer host = new(NetworkOptions.Base1989, OptimizerKind.Sgd, examples, examples);
        float[] expected = new float[Parameters.Count];
        float[] actual = new float[Parameters.Count];
        device.Load(parameters);
        host.Load(parameters);
        Noise noise = new(3, 4, maximumShift: 2, dropout: 0.1f);

        device.Gradient(start, count, noise, actual);
        host.Gradient(start, count, noise, expected);

        float largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-5f * largest);
        }
    }

    [Fact]
    public void ABatchThatCannotFitIsRefusedBeforeAnythingIsAllocated()
    {
        Examples examples = RandomNetwork.Examples(new Random(1), 64);
        using AcceleratorDiscovery discovery = new(DeviceKind.Cpu);

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => new AcceleratorTrainer(
            discovery, discovery.Devices[0], NetworkOptions.Base1989, OptimizerKind.Sgd, examples, examples, 64,
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

        int slices = GradientSlices.Count(batch);
        int found = 0;
        for (int first = 0, together; first < slices; first += together, found++)
        {
            together = plan.SlicesFrom(first, batch);
            int examples = GradientSlices.Start(first + together, batch) - GradientSlices.Start(first, batch);
            Assert.InRange(examples, 1, plan.Stride);
        }

        Assert.Equal(parts, found);
        Assert.True(plan.Bytes <= available);
        Assert.Equal(batch, GradientSlices.Start(slices, batch));
    }
}
