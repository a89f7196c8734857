using System.Diagnostics;
using GpuConvnet.Kernels.Accelerators;
using GpuConvnet.Kernels.Training;
using GpuConvnet.Model;
using GpuConvnet.Model.Augmentation;
using GpuConvnet.Model.Digits;
using GpuConvnet.Model.Network;
using GpuConvnet.Model.Optimizers;
using GpuConvnet.Model.Training;
using GpuConvnet.Tests.Kernels;
using GpuConvnet.Tests.Oracle;
using GpuConvnet.Trainer.Setup.Configuration;
using GpuConvnet.Trainer.Setup.Data;
using GpuConvnet.Trainer.Training;

namespace GpuConvnet.Tests.Data;

/// <summary>Built-in digits drawn while they are trained on, against the same digits drawn before.</summary>
public class DigitStreamTests(DiscoveredDevices devices) : IClassFixture<DiscoveredDevices>
{
    private const uint Seed = 7;

    private static readonly Lazy<Examples> s_digits = new(() => BuiltinDigits.Draw(9_000, Seed));

    private static Examples Digits => s_digits.Value;

    [Fact]
    public void WhateverIsAskedForIsWhatTheWholeSetHasThere()
    {
        using DigitStream stream = Stream(batch: 100);

        // Onward, across blocks, round the end, back, and the same block again.
        foreach (int place in new[] { 0, 1, 4_000, 4_099, 4_100, 8_999, 0, 8_200, 5, 8_999, 8_998 })
        {
            Examples block = stream.BlockOf(place, out int index);
            Assert.Equal(place, block.First + index);
            Assert.Equal(Digits.Labels[place], block.Labels[index]);
            Assert.Equal(Digits.Image(place), block.Image(index));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => stream.BlockOf(9_000, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.BlockOf(-1, out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(4_095)]
    [InlineData(5_000)]
    public void ABlockHoldsWholeBatches(int batch)
    {
        using DigitStream stream = Stream(batch);
        for (int start = 0; start < stream.Count; start += batch)
        {
            Examples block = stream.BlockOf(start, out int index);
            Assert.InRange(index + Math.Min(batch, stream.Count - start), 1, block.Count);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(96, 1)]
    public void TrainingEndsWithTheBitsOfTheSetInMemory(int batch, int shift)
    {
        Examples test = BuiltinDigits.Draw(10, 1);
        ExperimentConfiguration configuration = new()
        {
            Experiment = "streamed",
            Dataset = DataSets.Builtin,
            Train = Digits.Count,
            Batch = new BatchSize(batch),
            Shift = shift,
            Elastic = shift * 0.5,
            Dropout = shift * 0.1,
            Optimizer = new OptimizerOptions(Optimizer.Of<Sgd>(), 0.03),
            Passes = 2,
        };
        LoadedData resident = new(DataSets.Builtin, "drawn", Digits, test);
        LoadedData streamed = resident with { Streamed = new StreamedSet(Digits.Count, Seed, batch) };

        float[] expected = Train(resident);
        Assert.Equal(expected, Train(streamed));
        Assert.All(expected, parameter => Assert.True(float.IsFinite(parameter)));

        float[] Train(LoadedData data)
        {
            using EngineChoice choice = EngineChoice.For(AcceleratorKind.Host, null, configuration);
            ITrainingSet training = data.OpenTraining();
            using IDisposable? stream = training as IDisposable;
            using ITrainer trainer = choice.CreateTrainer(configuration, training, data.Test, threads: 0, choice.Kernels);
            StepSchedule schedule = configuration.Schedule(data.TrainCount);
            float[] parameters = [];

            // Two runs on the same trainer: the second begins at the start of the set again.
            for (int run = 0; run < 2; run++)
            {
                trainer.Load(InitialParameters.Draw(configuration.Network, 1));
                long first = 0;
                while (first < configuration.TotalSteps - 3)
                {
                    int count = (int)Math.Min(512, configuration.TotalSteps - 3 - first);
                    trainer.Take(schedule.Steps(first, count));
                    first += count;
                }

                parameters = trainer.SnapshotAsync().GetAwaiter().GetResult().Parameters;
            }

            return parameters;
        }
    }

    [Theory]
    [InlineData(DeviceKind.OpenCL)]
    [InlineData(DeviceKind.Cuda)]
    public void ADeviceGetsItsBlocksOneByOne(DeviceKind kind)
    {
        const int Batch = 1_500;
        DeviceDescription description = devices.Require(kind);
        float[] initial = RandomNetwork.Parameters(new Random(3));
        using DigitStream stream = Stream(Batch);
        float[] expected = Train(Digits);

        Assert.Equal(expected, Train(stream));
        Assert.NotEqual(initial, expected);

        float[] Train(ITrainingSet set)
        {
            using AcceleratorTrainer trainer = new(
                devices.Discovery, description, NetworkOptions.Base1989, Optimizer.Of<AdamW>(), set, Digits, Batch);
            trainer.Load(initial);
            for (int step = 0; step < 7; step++)
            {
                trainer.Take([new BatchStep(
                    step % 6 * Batch, Batch, new OptimizerOptions(Optimizer.Of<AdamW>(), 0.01).Constants(0.01, step),
                    new Perturbation(4, (uint)step, 1, 0.25f))]);
            }

            float[] parameters = new float[Parameters.Count];
            trainer.Store(parameters);
            return parameters;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(StreamedSet.MostBatch)]
    public void MemoryIsThatOfAFewBlocksHoweverLongTheSet(int batch)
    {
        // No other test runs beside this class, so that what is allocated is the stream's, once the streams of tests before
        // it, whose ends wait for no block, have fallen silent.
        int presented = Math.Max(100_000, 12 * batch);
        long before;
        do
        {
            before = GC.GetTotalAllocatedBytes(precise: true);
            Thread.Sleep(TimeSpan.FromSeconds(1));
        }
        while (GC.GetTotalAllocatedBytes(precise: true) - before > 64 << 10);

        before = GC.GetTotalAllocatedBytes(precise: true);
        using DigitStream stream = new(new StreamedSet(100_000_000, Seed, batch), Digits);
        for (int place = 0; place < presented; place += batch)
        {
            stream.BlockOf(place, out _);
        }

        long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
        long blocks = Math.Min(DigitStream.MostBytes, (1 + Environment.ProcessorCount) * (long)Math.Max(batch, 4_096) * 1_024);

        // What the runtime allocates beside it is a few MiB; blocks that were not used again would be a hundred or two.
        Assert.InRange(allocated, 1, blocks + (16 << 20));
        Assert.True(blocks + (16 << 20) < (presented * 1_024L) - (16 << 20));
        Assert.True(blocks <= 64 << 20);
    }

    [Fact]
    public void TheEndOfAStreamDoesNotWaitForItsBlocks()
    {
        DigitStream stream = new(new StreamedSet(100_000_000, Seed, StreamedSet.MostBatch), Digits);
        long started = Stopwatch.GetTimestamp();
        stream.BlockOf(0, out _);
        TimeSpan block = Stopwatch.GetElapsedTime(started);
        stream.BlockOf(StreamedSet.MostBatch, out _);

        // The blocks after the next have just been begun: each would take as long as the first.
        started = Stopwatch.GetTimestamp();
        stream.Dispose();

        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, block / 2);
    }

    private static DigitStream Stream(int batch) =>
        new(new StreamedSet(Digits.Count, Seed, batch), Digits);
}
